using System.Globalization;
using System.Net;

namespace Windhover.Apps.Tests.Serving;

/// <summary>New versions under load.</summary>
public sealed class WatchTests
{
    private const int Versions = 12;
    private const int Clients = 4;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Not_one_request_fails_while_versions_change(bool byRenaming)
    {
        await using var apps = new AppsFixture();
        apps.Write("hello", "name = \"hello\"\n[component.cli]\nsource = \"hello.wat\"\n[[http]]\nroute = \"/\"\n");
        string source = Path.Combine(apps.Folder, "hello", "hello.wat");
        await File.WriteAllTextAsync(source, Text(1), Cancel);
        await apps.StartAsync(o => o.Watch = true);
        Assert.Equal("version 1", await apps.Client.GetStringAsync("/", Cancel));

        using var stop = new CancellationTokenSource();
        Task<int>[] clients = [.. Enumerable.Range(0, Clients).Select(_ => Task.Run(LoadAsync))];
        for (int version = 2; version <= Versions; version++)
        {
            await SaveAsync(source, Text(version), byRenaming);
            // A file that is seen half written is a problem of a moment: what served before serves on.
            string expected = $"version {version}";
            await apps.LineAsync(l => l.Message.Contains(" serves, ", StringComparison.Ordinal) && l.App == "hello" && Answer() == expected);
        }

        await stop.CancelAsync();
        int[] answered = await Task.WhenAll(clients);
        Assert.All(answered, count => Assert.NotEqual(0, count));
        Assert.Equal(0, apps.Server.Find("hello")!.Stats.Failures);

        async Task<int> LoadAsync()
        {
            using var client = new HttpClient { BaseAddress = apps.Client.BaseAddress };
            int count = 0, last = 0;
            for (; !stop.IsCancellationRequested; count++)
            {
                using HttpResponseMessage answer = await client.GetAsync("/", Cancel);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                int version = int.Parse((await answer.Content.ReadAsStringAsync(Cancel)).Split(' ')[1], CultureInfo.InvariantCulture);
                Assert.InRange(version, last, Versions); // Never back.
                last = version;
            }

            return count;
        }

        // On the thread that wrote the line: what serves from now on.
        string Answer() => apps.Client.GetStringAsync("/", Cancel).GetAwaiter().GetResult();
    }

    [Fact]
    public async Task A_request_under_way_finishes_on_the_version_that_it_began_on()
    {
        await using var apps = new AppsFixture();
        string manifest = apps.Write("tool", "name = \"tool\"\n[component.cli]\nsource = \"c-cli.wasm\"\n[[http]]\nroute = \"/\"\nargs = [\"upper\"]\n", "c-cli/c-cli.wasm");
        await apps.StartAsync(o => o.Watch = true);
        using HeldRequest held = await HeldRequest.StartAsync(apps.Client.BaseAddress!, "held", Cancel);
        await File.WriteAllTextAsync(manifest, (await File.ReadAllTextAsync(manifest, Cancel)).Replace("upper", "cat", StringComparison.Ordinal), Cancel);
        await apps.LineAsync(l => l.Message.Contains(" serves, ", StringComparison.Ordinal));
        Assert.Equal("new", await (await apps.Client.PostAsync("/", new StringContent("new"), Cancel)).Content.ReadAsStringAsync(Cancel));
        Assert.Equal("HELD", await held.FinishAsync(Cancel));
    }

    private static async Task SaveAsync(string file, string text, bool byRenaming)
    {
        if (byRenaming)
        {
            await File.WriteAllTextAsync(file + ".new", text, Cancel);
            File.Move(file + ".new", file, overwrite: true);
            return;
        }

        // As a compiler writes: the file is empty for a moment, then grows.
        await using FileStream stream = File.Create(file);
        foreach (char[] part in text.Chunk(200))
        {
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(part), Cancel);
            await stream.FlushAsync(Cancel);
        }
    }

    // A CGI program that prints its version.
    private static string Text(int version)
    {
        string text = $"version {version}";
        return $$"""
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (data (i32.const 16) "Content-Type: text/plain\n\n{{text}}")
              (func (export "_start")
                (i32.store (i32.const 0) (i32.const 16))
                (i32.store (i32.const 4) (i32.const {{26 + text.Length}}))
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
            """;
    }
}
