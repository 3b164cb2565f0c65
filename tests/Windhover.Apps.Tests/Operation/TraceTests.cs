using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Apps.Tests.Operation;

/// <summary>One trace goes through guests, requests that leave, calls between apps, and messages; an exporter in memory tells.</summary>
public sealed class TraceTests
{
    private const string Proxy = """
        name = "proxy"
        [component.web]
        source = "rust-proxy.wasm"
        allow-hosts = ["HOSTS"]
        [[http]]
        route = "/{**path}"
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Three times: a guest that waited once runs on another kind of thread the next time.
    [Fact]
    public async Task A_request_that_leaves_is_below_the_guest_that_sent_it()
    {
        await using WebApplication upstream = await UpstreamAsync();
        string authority = new Uri(upstream.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Authority;
        await using var apps = new AppsFixture();
        apps.Write("proxy", Proxy.Replace("HOSTS", "http://" + authority, StringComparison.Ordinal), "rust-proxy/rust-proxy.wasm");
        await apps.StartAsync();
        var exported = new List<Activity>();
        var seen = new List<(ActivityTraceId Trace, string Upstream)>();
        using (Collect(exported))
        {
            for (int i = 0; i < 3; i++)
            {
                var trace = ActivityTraceId.CreateRandom();
                seen.Add((trace, await GetAsync(apps, $"/{authority}/", trace)));
            }
        }

        foreach ((ActivityTraceId trace, string received) in seen)
        {
            Activity guest = Single(exported, trace, "guest proxy");
            Activity sent = Single(exported, trace, a => a.Source.Name == "System.Net.Http" && a.ParentSpanId == guest.SpanId);
            Assert.Contains(ActivityContext.Parse(received, null).SpanId, new[] { guest.SpanId, sent.SpanId });
            Assert.Equal(trace, ActivityContext.Parse(received, null).TraceId);
        }
    }

    [Fact]
    public async Task A_call_between_apps_is_below_the_guest_that_made_it()
    {
        await using var apps = new AppsFixture();
        apps.Write("proxy", Proxy.Replace("HOSTS", "http://hello.internal", StringComparison.Ordinal), "rust-proxy/rust-proxy.wasm");
        apps.Write("hello", "name = \"hello\"\n[component.web]\nsource = \"c-http.wasm\"\n[[http]]\nroute = \"/{**path}\"\nprivate = true", "c-http/c-http.wasm");
        await apps.StartAsync();
        var exported = new List<Activity>();
        ActivityTraceId[] traces = [ActivityTraceId.CreateRandom(), ActivityTraceId.CreateRandom(), ActivityTraceId.CreateRandom()];
        using (Collect(exported))
        {
            foreach (ActivityTraceId trace in traces)
                Assert.Equal("Hello from C\n", await GetAsync(apps, "/hello.internal/", trace));
        }

        foreach (ActivityTraceId trace in traces)
        {
            Activity caller = Single(exported, trace, "guest proxy"), call = Single(exported, trace, "call hello"), callee = Single(exported, trace, "guest hello");
            Assert.Equal((caller.SpanId, call.SpanId), (call.ParentSpanId, callee.ParentSpanId));
        }
    }

    // Through two processes and back: the server knows the span of the request that a call is made for. The spans have all ended when the server has.
    [Fact]
    public async Task A_call_from_a_process_of_its_own_is_below_the_guest_that_made_it()
    {
        var exported = new List<Activity>();
        ActivityTraceId[] traces = [ActivityTraceId.CreateRandom(), ActivityTraceId.CreateRandom()];
        using (Collect(exported))
        {
            await using var apps = new AppsFixture();
            apps.Write("hello", "name = \"hello\"\n[component.web]\nsource = \"c-http.wasm\"\n[[http]]\nroute = \"/{**path}\"\nprivate = true", "c-http/c-http.wasm");
            foreach ((string name, string host, string next) in new[] { ("proxy", "", "apart"), ("apart", "\nhost = \"apart.test\"", "hello") })
            {
                apps.Write(
                    name,
                    Proxy.Replace("name = \"proxy\"", $"name = \"{name}\"\nisolation = \"process\"", StringComparison.Ordinal).Replace("HOSTS", $"http://{next}.internal", StringComparison.Ordinal) + host,
                    "rust-proxy/rust-proxy.wasm");
            }

            await apps.StartAsync();
            foreach (ActivityTraceId trace in traces)
                Assert.Equal("Hello from C\n", await GetAsync(apps, "/apart.internal/hello.internal/", trace));
        }

        foreach (ActivityTraceId trace in traces)
        {
            Activity[] chain = [.. new[] { "guest proxy", "call apart", "guest apart", "call hello", "guest hello" }.Select(name => Single(exported, trace, name))];
            for (int i = 1; i < chain.Length; i++)
                Assert.Equal(chain[i - 1].SpanId, chain[i].ParentSpanId);
        }
    }

    [Fact]
    public async Task A_message_carries_the_trace_of_its_sender_to_who_handles_it()
    {
        await using var apps = new AppsFixture();
        apps.Write("worker", "name = \"worker\"\n[component.cli]\nsource = \"c-cli.wasm\"\n[[queue]]\ntopic = \"jobs\"\nargs = [\"env\"]", "c-cli/c-cli.wasm");
        await apps.StartAsync();
        var exported = new List<Activity>();
        var trace = ActivityTraceId.CreateRandom();
        using (Collect(exported))
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/_windhover/api/topics/jobs") { Content = new StringContent("job") };
            request.Headers.Add("windhover-admin", "1");
            request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
            Assert.Equal(HttpStatusCode.Accepted, (await apps.Client.SendAsync(request, Token)).StatusCode);
            await apps.LineAsync(l => l.Source == "stdout" && l.Message.StartsWith($"TRACEPARENT=00-{trace}-", StringComparison.Ordinal));
            await apps.Server.StopAsync();
        }

        Activity run = Single(exported, trace, "queue worker");
        Activity request2 = Single(exported, trace, a => a.Source.Name == "Microsoft.AspNetCore");
        Assert.Equal((ActivityKind.Consumer, request2.SpanId, true), (run.Kind, run.ParentSpanId, run.HasRemoteParent));
    }

    [Fact]
    public async Task A_batch_is_linked_to_the_traces_of_all_its_messages()
    {
        await using var apps = new AppsFixture();
        apps.Write("worker", "name = \"worker\"\n[component.cli]\nsource = \"c-cli.wasm\"\n[[queue]]\ntopic = \"many\"\nbatch = 10\nargs = [\"cat\"]", "c-cli/c-cli.wasm");
        await apps.StartAsync();
        var exported = new List<Activity>();
        string trace = ActivityTraceId.CreateRandom().ToHexString();
        using (Collect(exported))
        {
            IMessageTopic topic = apps.Services.GetRequiredService<MessageTopics>().Open(new CapabilityResource("many", "memory", new Dictionary<string, string>()));
            await topic.SendAsync(new Message("one"u8.ToArray(), new Dictionary<string, string> { ["TraceParent"] = $"00-{trace}-00f067aa0ba902b7-01" }), Token);
            await topic.SendAsync(new Message("last"u8.ToArray(), new Dictionary<string, string> { ["traceparent"] = "nonsense" }), Token);
            await apps.LineAsync(l => l.Source == "stdout" && l.Message.Contains("last", StringComparison.Ordinal));
            await apps.Server.StopAsync();
        }

        ActivityLink link = Assert.Single(exported.Where(a => a.OperationName == "queue worker").SelectMany(a => a.Links), l => l.Context.TraceId.ToHexString() == trace);
        Assert.Equal("00f067aa0ba902b7", link.Context.SpanId.ToHexString());
    }

    private static TracerProvider Collect(List<Activity> exported) =>
        Sdk.CreateTracerProviderBuilder().AddSource("Windhover", "Microsoft.AspNetCore", "System.Net.Http").AddInMemoryExporter(exported).Build();

    private static Activity Single(List<Activity> exported, ActivityTraceId trace, string name) => Single(exported, trace, a => a.OperationName == name);

    private static Activity Single(List<Activity> exported, ActivityTraceId trace, Predicate<Activity> wanted) =>
        Assert.Single(exported, a => a.TraceId == trace && wanted(a));

    private static async Task<string> GetAsync(AppsFixture apps, string path, ActivityTraceId trace)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        using HttpResponseMessage answer = await apps.Client.SendAsync(request, Token);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Token);
    }

    private static async Task<WebApplication> UpstreamAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication upstream = builder.Build();
        upstream.Run(context => context.Response.WriteAsync(context.Request.Headers.TraceParent.ToString()));
        await upstream.StartAsync(Token);
        return upstream;
    }
}
