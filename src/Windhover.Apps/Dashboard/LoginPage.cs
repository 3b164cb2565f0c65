using Microsoft.AspNetCore.Http;

namespace Windhover.Apps.Dashboard;

/// <summary>Asks for the token.</summary>
internal static class LoginPage
{
    public static Task WriteAsync(HttpContext context, bool wasWrong)
    {
        HtmlText body = HtmlText.Of($"<div class=\"card pad login\"><h1>Windhover</h1><form method=\"post\" action=\"/_windhover/login\">");
        if (wasWrong)
            body.Add($"<p class=\"bad\" role=\"alert\">This is not the token.</p>");
        body.Add($"<label for=\"token\">Token of this server (<code>--admin-token</code>)</label><input id=\"token\" name=\"token\" type=\"password\" required autocomplete=\"current-password\" autofocus><button>Log in</button></form></div>");
        return Layout.WriteAsync(context, new Page("Log in", body) { Status = StatusCodes.Status401Unauthorized, Section = null });
    }
}
