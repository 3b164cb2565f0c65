// A shop whose rules are plug-ins in three languages, exchanged on /admin while customers use them. Not for copying as it is: the admin page has no log-in and
// is meant for this machine only.
using Shop;
using Shop.Pages;
using Shop.Shop.Rules.Catalog;
using Shop.Shop.Rules.Log;
using Shop.Shop.Rules.Pricing;
using Windhover.Components.Bindings;
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

app.MapGet("/", async (string? q, Rules rules, CancellationToken cancellation) =>
{
    if (string.IsNullOrWhiteSpace(q))
        return Html.Shop(Catalog.Articles, "");
    string[] found = await rules.SearchAsync(q, cancellation);
    return Html.Shop(found.Select(sku => Catalog.Articles.FirstOrDefault(a => a.Sku == sku)).OfType<Article>(), q);
});

app.MapPost("/basket", async (HttpRequest request, Rules rules, CancellationToken cancellation) =>
{
    IFormCollection form = await request.ReadFormAsync(cancellation);
    Line[] lines = [.. Catalog.Articles
        .Select(a => (Article: a, Ok: uint.TryParse(form[a.Sku], out uint n) && n is > 0 and < 1000, Quantity: uint.TryParse(form[a.Sku], out uint m) ? m : 0))
        .Where(x => x.Ok).Select(x => new Line(x.Article.Sku, x.Article.Cents, x.Quantity))];
    Price quote = await rules.PriceAsync(lines, cancellation);
    Result<uint, string> tax = await rules.TaxAsync(quote.Cents, form["country"].ToString(), cancellation);
    return Html.Basket(Html.Money(quote.Cents), quote.Reason, tax.TryGet(out uint cents, out string? why) ? Html.Money(cents) : why);
});

app.MapGet("/admin", (Admin admin) => Html.Admin(admin.Rules, Admin.Files, admin.Log, ""));
app.MapPost("/admin", async (HttpRequest request, Admin admin, CancellationToken cancellation) =>
{
    IFormCollection form = await request.ReadFormAsync(cancellation);
    string message = await admin.SwapAsync(form["rule"].ToString(), form["file"].ToString(), cancellation);
    return Html.Admin(admin.Rules, Admin.Files, admin.Log, message);
});

app.Run();

static void Strict(PluginOptions options)
{
    options.CallTimeout = TimeSpan.FromMilliseconds(500);
    options.MaxMemoryBytes = 64 << 20;
}
