// The same server as KestrelHello, with guests in it. Usage: WindhoverHello URL CACHE [/PREFIX=]COMPONENT…
// A component with a prefix answers what is under it; a guest sees the whole path.
using Windhover.Hosting;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(args[0]);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
builder.Services.AddWindhover(windhover => windhover.CacheDirectory = args[1]);
WebApplication app = builder.Build();
foreach (string component in args.Skip(2))
{
    int split = component.IndexOf('=', StringComparison.Ordinal);
    string prefix = split < 0 ? "" : component[..split];
    app.MapComponent(prefix + "/{**path}", component[(split + 1)..], options => options.Timeout = TimeSpan.FromMinutes(2));
}

app.Run();
