namespace Windhover.Cli.Tests.Serving;

/// <summary><c>windhover up</c> with a collector of OpenTelemetry: what guests tell of themselves arrives there beside what the server tells.</summary>
public sealed class OtlpTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_guests_spans_and_metrics_reach_the_collector()
    {
        await using OtlpCollector collector = await OtlpCollector.StartAsync(Cancel);
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.Of("teller"));
        folder.Write("teller/c-otel.wasm", await File.ReadAllBytesAsync(Cli.Guest("c-otel/c-otel.wasm"), Cancel));
        folder.Write("teller/windhover.toml", "name = \"teller\"\n[component.web]\nsource = \"c-otel.wasm\"\n[[http]]\nroute = \"/{**path}\"\n");
        await using ServingProcess up = await ServingProcess.StartAs(
            "up",
            [
                ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address.ToString()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
            ],
            folder.Path);
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("traceparent", $"00-{Trace}-00f067aa0ba902b7-01");
        (await up.Client.SendAsync(request, Cancel)).EnsureSuccessStatusCode();
        OtlpSpan guest = await Span("guest teller"), root = await Span("handle order"), child = await Span("look up");
        Assert.Equal((guest.Id, root.Id), (root.Parent, child.Parent));
        Assert.Contains("cache miss", child.All, StringComparison.Ordinal);
        foreach (string name in new[] { "temperature", "orders", "size.bucket", "size.sum", "wait.count" })
            Assert.Contains("teller", await collector.MetricAsync(m => m.Contains(name, StringComparison.Ordinal), Cancel), StringComparison.Ordinal);
        Assert.Equal(0, await up.Stop());

        Task<OtlpSpan> Span(string name) => collector.SpanAsync(s => s.Trace == Trace && s.Name == name, Cancel);
    }
}
