using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Windhover.Apps.Dashboard;

// The frame of every page, and what keeps it apart. Apps answer on the same origin, so a page of theirs may try to read the dashboard in the browser of who looks at it:
//
//   by a script that fetches it        AdminAccess lets in only what a person navigated to (Sec-Fetch-Mode)
//   in a frame                         frame-ancestors 'none'
//   by a window that it opened         the sandbox gives each page an origin of its own, equal to none
//   by a log line that holds markup    HtmlText; and nothing runs: no script is allowed, the only style is the one whose hash is in the policy
//
// `allow-scripts` is there for the refresh of live pages, which the sandbox counts as one; default-src 'none' still lets no script run.
internal static class Layout
{
    private const string Icon =
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%230f766e'/%3E%3Cpath d='M4 11c6 0 10 3 12 8 2-5 6-8 12-8-5 2-8 6-9 13h-6C12 17 9 13 4 11z' fill='%23fff'/%3E%3C/svg%3E";

    private static readonly string s_style = ReadStyle();

    private static readonly string s_policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(s_style)))}'; img-src data:; " +
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; sandbox allow-forms allow-scripts";

    private static readonly (string Path, string Name)[] s_sections =
        [("", "Apps"), ("requests", "Requests"), ("errors", "Errors"), ("traces", "Traces"), ("logs", "Logs")];

    public static Task WriteAsync(HttpContext context, Page page)
    {
        context.Response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        context.Response.Headers["Referrer-Policy"] = "same-origin";
        return WriteBareAsync(context, page.Status, Document(page));
    }

    /// <summary>A document with the dashboard's style and policy.</summary>
    public static async Task WriteBareAsync(HttpContext context, int status, HtmlText document)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(document.ToString());
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentSecurityPolicy = s_policy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    public static HtmlText Head(string title) => HtmlText.Of(
        $"<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} · Windhover</title><link rel=\"icon\" href=\"{Icon}\"><style>{Style()}</style>");

    private static HtmlText Document(Page page)
    {
        HtmlText document = HtmlText.Of($"<!doctype html><html lang=\"en\"><head>{Head(page.Title)}");
        if (page.IsLive)
            document.Add($"<meta http-equiv=\"refresh\" content=\"2\">");
        document.Add($"</head><body><a class=\"skip\" href=\"#main\">Skip to content</a><header><div class=\"bar\"><a class=\"brand\" href=\"/_windhover/\"><svg class=\"mark\" viewBox=\"0 0 32 32\" aria-hidden=\"true\"><rect width=\"32\" height=\"32\" rx=\"8\"/><path d=\"M4 11c6 0 10 3 12 8 2-5 6-8 12-8-5 2-8 6-9 13h-6C12 17 9 13 4 11z\"/></svg>Windhover</a>");
        if (page.Section is not null)
        {
            document.Add($"<nav aria-label=\"Main\">");
            foreach ((string path, string name) in s_sections)
            {
                string current = path == page.Section ? "page" : "false";
                document.Add($"<a href=\"/_windhover/{path}{(page.IsLive ? "?live=1" : "")}\" aria-current=\"{current}\">{name}</a>");
            }

            document.Add($"</nav>");
            document.Add($"<a class=\"live{(page.IsLive ? " on" : "")}\" href=\"{page.Here(!page.IsLive)}\"><span class=\"dot\" aria-hidden=\"true\"></span>Live: {(page.IsLive ? "on" : "off")}</a>");
            if (page.CanLogOut)
                document.Add($"<form method=\"post\" action=\"/_windhover/logout\"><button class=\"plain\">Log out</button></form>");
        }

        return document.Add($"</div></header><main id=\"main\" tabindex=\"-1\">{page.Body}</main></body></html>");
    }

    // In a style element nothing is encoded by the browser's rules; the text is our own.
    private static HtmlText Style()
    {
        var style = new HtmlText();
        style.AddOwn(s_style);
        return style;
    }

    private static string ReadStyle()
    {
        using Stream stream = typeof(Layout).Assembly.GetManifestResourceStream("dashboard.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>A page of the dashboard.</summary>
internal sealed record Page(string Title, HtmlText Body)
{
    public int Status { get; init; } = 200;

    /// <summary>Which section it is in; null: none, and nothing leads on.</summary>
    public string? Section { get; init; } = "";

    public bool IsLive { get; init; }

    public bool CanLogOut { get; init; }

    /// <summary>Its address, without <c>live</c>.</summary>
    public string Address { get; init; } = "/_windhover/";

    public string Here(bool live) => !live ? Address : Address + (Address.Contains('?', StringComparison.Ordinal) ? "&live=1" : "?live=1");
}
