// The baseline: Kestrel and nothing else. Usage: KestrelHello URL
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(args[0]);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
WebApplication app = builder.Build();
app.Map("/", (RequestDelegate)(context =>
{
    context.Response.ContentType = "text/plain";
    return context.Response.WriteAsync("Hello, world!\n");
}));
app.Map("/wait/{ms:int}", (RequestDelegate)(async context => // the upstream of waiting.sh
{
    await Task.Delay(int.Parse((string)context.Request.RouteValues["ms"]!, System.Globalization.CultureInfo.InvariantCulture), context.RequestAborted);
    await context.Response.WriteAsync("waited\n");
}));
app.Map("/echo", (RequestDelegate)(context => context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted)));
app.Run();
