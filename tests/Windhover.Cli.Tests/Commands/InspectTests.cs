using System.Text.Json;

namespace Windhover.Cli.Tests.Commands;

public sealed class InspectTests
{
    [Fact]
    public async Task A_component_shows_its_capabilities()
    {
        var text = (await Cli.Run("inspect", Cli.Guest("c-http/c-http.wasm"))).Expect(0).Output;
        Assert.Contains("c-http.wasm: component, ", text, StringComparison.Ordinal);
        Assert.Contains("wasi:http/types@0.2.12 ", text, StringComparison.Ordinal);
        Assert.Contains("HTTP messages", text, StringComparison.Ordinal);
        Assert.Contains("handles HTTP requests: windhover serve ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_module_shows_what_it_needs_granted()
    {
        var text = (await Cli.Run("inspect", Cli.Guest("c-cli/c-cli.wasm"))).Expect(0).Output;
        Assert.Contains("c-cli.wasm: core module, ", text, StringComparison.Ordinal);
        Assert.Contains("files (grant with --dir HOST::GUEST[:ro])", text, StringComparison.Ordinal);
        Assert.Contains("a command: windhover run ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("c-keyvalue/c-keyvalue.wasm", "key-value stores, with up (grant with key-value of windhover.toml)")]
    [InlineData("c-sqlite/c-sqlite.wasm", "SQLite databases, with up (grant with sql of windhover.toml)")]
    [InlineData("c-postgres/c-postgres.wasm", "PostgreSQL databases, with up (grant with postgres of windhover.toml)")]
    [InlineData("c-blobs/c-blobs.wasm", "blobs, with up (grant with blobs of windhover.toml)")]
    [InlineData("c-messaging/c-messaging.wasm", "messages to topics, with up (grant with messaging of windhover.toml)")]
    [InlineData("c-spin/store.wasm", "key-value stores, with up (grant with key-value of windhover.toml)")]
    [InlineData("c-watch/c-watch-draft.wasm", "is told what changes in a store: [[watch]] of windhover.toml")]
    public async Task What_apps_are_granted_by_their_manifest_is_said(string guest, string expected)
    {
        var text = (await Cli.Run("inspect", Cli.Guest(guest))).Expect(0).Output;
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing here provides it", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_world_is_shown_without_the_interfaces_of_wasi_which_are_in_wit()
    {
        var text = (await Cli.Run("inspect", Cli.Guest("c-http/c-http.wasm"))).Expect(0).Output;
        Assert.Contains("    export wasi:http/incoming-handler@0.2.12;", text, StringComparison.Ordinal);
        Assert.DoesNotContain("interface incoming-handler", text, StringComparison.Ordinal);
        var wit = (await Cli.Run("inspect", "--wit", Cli.Guest("c-http/c-http.wasm"))).Expect(0).Output;
        Assert.StartsWith("package root:component;", wit, StringComparison.Ordinal);
        Assert.Contains("interface incoming-handler", wit, StringComparison.Ordinal);
        (await Cli.Run("inspect", "--wit", Cli.Guest("c-cli/c-cli.wasm"))).ExpectError(1, "is a core module: it has no WIT");
    }

    [Fact]
    public async Task Json_is_for_scripts()
    {
        var text = (await Cli.Run("inspect", "--json", Cli.Guest("c-http/c-http.wasm"))).Expect(0).Output;
        using var json = JsonDocument.Parse(text);
        var root = json.RootElement;
        Assert.Equal("component", root.GetProperty("kind").GetString());
        Assert.Equal(new FileInfo(Cli.Guest("c-http/c-http.wasm")).Length, root.GetProperty("bytes").GetInt64());
        Assert.Contains(root.GetProperty("imports").EnumerateArray(), i => i.GetProperty("name").GetString() == "wasi:http/types@0.2.12");
        Assert.Equal("wasi:http/incoming-handler@0.2.12", Assert.Single(root.GetProperty("exports").EnumerateArray().ToArray()).GetProperty("name").GetString());
    }
}
