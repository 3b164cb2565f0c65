using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Windhover.Hosting.Capabilities.Otel;
using Windhover.Tests.Shared;

namespace Windhover.Hosting.Tests.Capabilities.Otel;

/// <summary>Spans of a guest are activities in the trace of the request that it answers.</summary>
[Collection("telemetry")]
public sealed class SpanTests
{
    private const string AspNetCore = "Microsoft.AspNetCore";
    private const string Http = "System.Net.Http";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_guests_spans_are_below_the_request_with_all_that_it_says()
    {
        await using OtelServer server = await OtelServer.StartAsync();
        using var spans = new SpanCollector(OtelCapability.SourceName, AspNetCore);
        (string trace, string answer) = await server.GetAsync("/");
        IReadOnlyList<Activity> ended = await spans.WaitAsync(trace, 3, Cancel);
        Activity request = Assert.Single(ended, a => a.Source.Name == AspNetCore), root = Assert.Single(ended, a => a.DisplayName == "handle order"), child = Assert.Single(ended, a => a.DisplayName == "look up");
        Assert.Equal($"{trace} {request.SpanId} sampled", answer);
        Assert.Equal((request.SpanId, root.SpanId), (root.ParentSpanId, child.ParentSpanId));
        Assert.Equal((ActivityKind.Server, ActivityKind.Internal), (root.Kind, child.Kind));
        Assert.Equal((ActivityStatusCode.Ok, ActivityStatusCode.Error, "not there"), (root.Status, child.Status, child.StatusDescription));
        Assert.Equal(("a é", 42L, 0.5, true, "no json"), (root.GetTagItem("text"), root.GetTagItem("count"), root.GetTagItem("ratio"), root.GetTagItem("yes"), root.GetTagItem("plain")));
        Assert.Equal(["a", "b"], Assert.IsType<string[]>(root.GetTagItem("list")));
        Assert.Equal((server.App, "00000000000000a1", "c-otel", "1.0"), (root.GetTagItem("app"), root.GetTagItem("guest.span_id"), root.GetTagItem("guest.scope"), root.GetTagItem("guest.scope.version")));
        ActivityEvent happened = Assert.Single(child.Events);
        Assert.Equal(("cache miss", "apple"), (happened.Name, happened.Tags.Single(t => t.Key == "item").Value));
        Assert.Equal("3", child.GetTagItem("guest.dropped_events"));
        ActivityLink[] links = [.. child.Links];
        Assert.Equal((root.SpanId, "apple"), (links[0].Context.SpanId, links[0].Tags!.Single().Value));
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (links[1].Context.TraceId.ToHexString(), links[1].Context.SpanId.ToHexString()));
        Assert.True(request.StartTimeUtc <= root.StartTimeUtc && root.StartTimeUtc <= child.StartTimeUtc && child.StartTimeUtc <= happened.Timestamp.UtcDateTime.AddTicks(1));
        Assert.True(child.StartTimeUtc + child.Duration <= root.StartTimeUtc + root.Duration);
        Assert.True(root.StartTimeUtc + root.Duration <= DateTime.UtcNow);
    }

    [Fact]
    public async Task The_newer_name_tells_the_same()
    {
        await using OtelServer server = await OtelServer.StartAsync();
        using var spans = new SpanCollector(OtelCapability.SourceName, AspNetCore);
        (string trace, string answer) = await server.GetAsync("/current");
        Activity request = Assert.Single(await spans.WaitAsync(trace, 1, Cancel));
        Assert.Equal($"{trace} {request.SpanId} sampled", answer);
    }

    [Fact]
    public async Task A_parent_may_end_before_its_children_and_a_start_may_be_missing()
    {
        await using OtelServer server = await OtelServer.StartAsync();
        using var spans = new SpanCollector(OtelCapability.SourceName, AspNetCore);
        (string trace, _) = await server.GetAsync("/order");
        IReadOnlyList<Activity> ended = await spans.WaitAsync(trace, 5, Cancel);
        Activity One(string name) => Assert.Single(ended, a => a.DisplayName == name);
        Assert.Equal(ended.Single(a => a.Source.Name == AspNetCore).SpanId, One("parent").ParentSpanId);
        Assert.Equal(One("parent").SpanId, One("child").ParentSpanId);
        Assert.Equal(One("child").SpanId, One("grandchild").ParentSpanId);
        Assert.Equal((One("parent").SpanId, ActivityKind.Consumer), (One("untold").ParentSpanId, One("untold").Kind));
    }

    [Fact]
    public async Task Nobody_records_and_the_guest_is_told_so()
    {
        await using OtelServer server = await OtelServer.StartAsync();
        (_, string answer) = await server.GetAsync("/");
        Assert.EndsWith(" not sampled", answer, StringComparison.Ordinal);
        Assert.Equal("ok", (await server.GetAsync("/spans/1000")).Answer);
    }

    // Three times: a guest that waited once runs on another kind of thread the next time.
    [Fact]
    public async Task A_request_in_the_name_of_an_open_span_goes_on_below_it()
    {
        await using WebApplication upstream = await UpstreamAsync();
        string authority = new Uri(upstream.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Authority;
        await using OtelServer server = await OtelServer.StartAsync(o => o.AllowedHosts.Add("http://" + authority));
        using var spans = new SpanCollector(OtelCapability.SourceName, AspNetCore, Http);
        for (int i = 0; i < 3; i++)
        {
            (string trace, string answer) = await server.GetAsync($"/out/{authority}/");
            Assert.Equal("200", answer);
            IReadOnlyList<Activity> ended = await spans.WaitAsync(trace, 5, Cancel);
            Activity client = Assert.Single(ended, a => a.DisplayName == "ask upstream"), around = Assert.Single(ended, a => a.DisplayName == "around");
            Activity received = Assert.Single(ended, a => a.Source.Name == AspNetCore && a.ParentSpanId.ToHexString() != "00f067aa0ba902b7"), sent = Assert.Single(ended, a => a.Source.Name == Http);
            Activity request = Assert.Single(ended, a => a.Source.Name == AspNetCore && a != received);
            Assert.Equal((request.SpanId, around.SpanId, client.SpanId), (around.ParentSpanId, client.ParentSpanId, sent.ParentSpanId));
            Assert.Contains(received.ParentSpanId, new[] { client.SpanId, sent.SpanId });
            Assert.Equal((ActivityKind.Client, null), (client.Kind, client.GetTagItem("guest.kind")));
            Assert.True(client.Duration >= sent.Duration);
        }
    }

    private static async Task<WebApplication> UpstreamAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication upstream = builder.Build();
        upstream.Run(context => context.Response.WriteAsync("ok"));
        await upstream.StartAsync(Cancel);
        return upstream;
    }
}

/// <summary>Listeners hear the whole process, and one of these tests wants nobody to listen.</summary>
[CollectionDefinition("telemetry", DisableParallelization = true)]
public sealed class TelemetryCollection;
