// A shop whose rules are plug-ins in three languages, exchanged on /admin while customers use them. The admin page has no log-in and answers this machine only.
using System.Net;
using Shop;
using Shop.Pages;
using Shop.Shop.Rules.Catalog;
using Shop.Shop.Rules.Log;
using Windhover.Plugins;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddSingleton<PluginLog>();
builder.Services.AddSingleton<ILog>(services => services.GetRequiredService<PluginLog>());
builder.Services.AddSingleton<ICatalog, Catalog>();
builder.Services.AddSingleton<Rules>();
builder.Services.AddSingleton<Admin>();
builder.Services.AddPlugin<PricingPlugin>(Path.Combine(Admin.Folder, "pricing-c.wasm"), Strict);
builder.Services.AddPlugin<TaxPlugin>(Path.Combine(Admin.Folder, "tax-rust.wasm"), Strict);
builder.Services.AddPlugin<SearchPlugin>(Path.Combine(Admin.Folder, "search-js.wasm"), Strict);
WebApplication app = builder.Build();

// A plug-in that does not fit shows now, not at the first customer.
_ = app.Services.GetRequiredService<Rules>();

app.MapGet("/shop.css", () => Results.Text(Style.Css, "text/css; charset=utf-8"));
app.MapGet("/", async (string? q, Rules rules, CancellationToken cancellation) =>
    string.IsNullOrWhiteSpace(q) ? ShopPages.Articles(Catalog.Articles, "") : ShopPages.Articles(await rules.SearchAsync(q, cancellation), q));

app.MapPost("/basket", async (HttpRequest request, Rules rules, CancellationToken cancellation) =>
{
    IFormCollection form = await request.ReadFormAsync(cancellation);
    (Article, uint)[] basket = [.. Catalog.Articles
        .Select(a => (Article: a, Quantity: uint.TryParse(form[a.Sku], out uint n) && n < 1000 ? n : 0))
        .Where(b => b.Quantity > 0)];
    return ShopPages.Basket(await rules.QuoteAsync(basket, form["country"].ToString(), cancellation));
});

// Whoever exchanges rules decides on prices: a real shop has a log-in here.
RouteGroupBuilder here = app.MapGroup("/admin").AddEndpointFilter((context, next) =>
    context.HttpContext.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address) ? ValueTask.FromResult<object?>(Results.NotFound()) : next(context));
here.MapGet("", (Admin admin) => AdminPage.Show(admin, ""));
here.MapPost("", async (HttpRequest request, Admin admin, CancellationToken cancellation) =>
{
    IFormCollection form = await request.ReadFormAsync(cancellation);
    return AdminPage.Show(admin, await admin.SwapAsync(form["rule"].ToString(), form["file"].ToString(), cancellation));
});

app.Run();

static void Strict(PluginOptions options)
{
    options.CallTimeout = TimeSpan.FromMilliseconds(500);
    options.MaxMemoryBytes = 64 << 20;
}
