// The same server as KestrelHello, with guests in it. Usage: WindhoverHello URL CACHE [HOST=]COMPONENT…
// A component with a host answers what is sent to that name; the one without, everything else.
using Windhover.Hosting;
using Windhover.Hosting.Apps;

StartTimes? times = StartTimes.IfWanted();
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(args[0]);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
builder.Services.AddWindhover(windhover =>
{
    windhover.CacheDirectory = args[1];
    if (Environment.GetEnvironmentVariable("WAITING_GUESTS") is { Length: > 0 } waiting) // threads for guests of 0.2, where all they do is wait
        windhover.MaxWaitingGuests = windhover.MaxQueuedGuests = int.Parse(waiting, System.Globalization.CultureInfo.InvariantCulture);
});
times?.Note("services described");
WebApplication app = builder.Build();
times?.Note("host built");
if (times is not null)
{
    app.Use(async (context, next) =>
    {
        await next(context);
        times.Note("first answer");
        times.Print();
    });
    app.Lifetime.ApplicationStarted.Register(() => times.Note("listening"));
}

if (Environment.GetEnvironmentVariable("WAITING_GUESTS") is { Length: > 0 })
    app.MapGet("/instances", (RequestDelegate)(context => context.Response.WriteAsync($"{context.RequestServices.GetRequiredService<ComponentHost>().Engine.LiveInstances}")));
foreach (string component in args.Skip(2))
{
    int split = component.IndexOf('=', StringComparison.Ordinal);
    IEndpointConventionBuilder route = app.MapComponent("/{**path}", component[(split + 1)..], options =>
    {
        options.Timeout = TimeSpan.FromMinutes(2);
        options.MaxConcurrentRequests = 20_000;
        if (Environment.GetEnvironmentVariable("UPSTREAM") is not { Length: > 0 } upstream)
            return;
        options.AllowedHosts.Add(upstream); // for proxies: as many requests out as come in
        options.Budget = options.Budget with { OutboundRequests = 20_000, Instances = 20_000 };
    });
    if (split > 0)
        route.RequireHost(component[..split]);
}

times?.Note("components loaded");
app.Run();
