namespace Windhover.Hosting.Tests.Capabilities.Otel;

/// <summary>Log records of a guest are lines of its app's log, within the budget that all its lines have.</summary>
[Collection("telemetry")]
public sealed class RecordTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_record_is_a_line_with_its_attributes()
    {
        await using OtelServer server = await OtelServer.StartAsync();
        await server.GetAsync("/");
        await server.Server.Log.WaitAsync(l => l == "order failed item=apple guest.span_id=00000000000000a2", Cancel);
    }

    [Fact]
    public async Task What_a_terminal_would_obey_is_written_out()
    {
        await using OtelServer server = await OtelServer.StartAsync();
        await server.GetAsync("/forge");
        string line = Assert.Single(server.Server.Log.Lines, l => l.Contains("red", StringComparison.Ordinal));
        Assert.Contains("{\"an\": \"object\"} guest.span_id=no span", server.Server.Log.Lines);
        Assert.StartsWith("a\\u001b[31mred\\u000aother: a line le=1 mine=1", line, StringComparison.Ordinal);
        Assert.DoesNotContain("app=other", line, StringComparison.Ordinal);
    }
}
