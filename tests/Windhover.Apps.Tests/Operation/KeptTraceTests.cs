using Windhover.Apps.Operation;

namespace Windhover.Apps.Tests.Operation;

/// <summary>What the dashboard keeps of traces, where nobody else records any.</summary>
[Collection("alone")]
public sealed class KeptTraceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_clients_trace_goes_on_as_it_was_asked_for()
    {
        await using var apps = new AppsFixture();
        apps.Write("tool", "name = \"tool\"\n[component.cli]\nsource = \"c-cli.wasm\"\n[[http]]\nroute = \"/\"\nargs = [\"env\", \"HTTP_TRACEPARENT\"]\n", "c-cli/c-cli.wasm");
        await apps.StartAsync();
        string trace = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        string seen = await (await apps.Client.SendAsync(request, Cancel)).Content.ReadAsStringAsync(Cancel);
        Assert.StartsWith($"00-{trace}-", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("00f067aa0ba902b7", seen, StringComparison.Ordinal); // Below the guest's span.
        Assert.EndsWith("-01\n", seen, StringComparison.Ordinal); // To be recorded, as the client wants it.
        LiveRequest kept = apps.Server.Services.Requests.Last().Single();
        Assert.Equal(trace, kept.Trace);
    }

    [Fact]
    public async Task Lines_of_requests_at_the_same_time_are_told_apart()
    {
        await using var apps = new AppsFixture();
        apps.Write("tool", "name = \"tool\"\n[component.cli]\nsource = \"c-cli.wasm\"\n[[http]]\nroute = \"/{text}\"\nargs = [\"err\", \"{text}\"]\n", "c-cli/c-cli.wasm");
        await apps.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => apps.Client.GetStringAsync($"/line-{i}-", Cancel)));
        Assert.All(
            apps.Server.Services.Requests.Last(),
            r => Assert.Equal([r.Path[1..]], apps.Logs.Read("tool", where: l => l.Request == r.Number && l.Source == "stderr").Select(l => l.Message)));
        Assert.Empty(apps.Server.Services.Requests.Live());
    }
}
