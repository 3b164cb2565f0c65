using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Windhover.Cli.Tests.Serving;

/// <summary>Takes what is sent by OTLP/HTTP, and reads of it what a test asks for: messages of protobuf are (field, type) and a value, over and over.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly List<OtlpSpan> _spans = [];
    private readonly List<string> _metrics = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OtlpCollector(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<OtlpCollector> StartAsync(CancellationToken cancellation)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var collector = new OtlpCollector(builder.Build());
        collector._app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            collector.Take(context.Request.Path, body.ToArray());
        });
        await collector._app.StartAsync(cancellation);
        return collector;
    }

    /// <summary>Waits for a span.</summary>
    public Task<OtlpSpan> SpanAsync(Func<OtlpSpan, bool> wanted, CancellationToken cancellation) => WaitAsync(_spans, wanted, cancellation);

    /// <summary>Waits for a metric, by the text of its message.</summary>
    public Task<string> MetricAsync(Func<string, bool> wanted, CancellationToken cancellation) => WaitAsync(_metrics, wanted, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task<T> WaitAsync<T>(List<T> all, Func<T, bool> wanted, CancellationToken cancellation)
        where T : class
    {
        while (true)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            lock (_lock)
            {
                if (all.FirstOrDefault(wanted) is { } found)
                    return found;
            }

            await changed.WaitAsync(TimeSpan.FromMinutes(2), cancellation);
        }
    }

    // Request: resource (1) → scope (2) → span or metric (2).
    private void Take(string path, byte[] request)
    {
        lock (_lock)
        {
            foreach (byte[] item in Fields(request, 1).SelectMany(resource => Fields(resource, 2)).SelectMany(scope => Fields(scope, 2)))
            {
                if (path.EndsWith("traces", StringComparison.Ordinal))
                    _spans.Add(new OtlpSpan(Hex(item, 1), Hex(item, 2), Hex(item, 4), Text(item, 5), Encoding.UTF8.GetString(item)));
                else
                    _metrics.Add(Encoding.UTF8.GetString(item));
            }
        }

        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Fields(message, field).FirstOrDefault() ?? []);

    private static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Fields(message, field).FirstOrDefault() ?? []);

    private static IEnumerable<byte[]> Fields(byte[] message, int field)
    {
        for (int at = 0; at < message.Length;)
        {
            ulong key = Number(message, ref at);
            int length = (key & 7) switch { 1 => 8, 5 => 4, 2 => (int)Number(message, ref at), _ => 0 };
            if ((key & 7) == 0)
                Number(message, ref at);
            if (key == (ulong)((field << 3) | 2))
                yield return message[at..(at + length)];
            at += length;
        }
    }

    private static ulong Number(byte[] message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = message[at++];
            value |= (ulong)(part & 127) << shift;
            if (part < 128)
                return value;
        }
    }
}

/// <summary>A span as it was sent; ids in hexadecimal.</summary>
internal sealed record OtlpSpan(string Trace, string Id, string Parent, string Name, string All);
