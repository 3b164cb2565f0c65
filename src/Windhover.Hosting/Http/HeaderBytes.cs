using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Windhover.Hosting.Http;

// A guest's field values are bytes, ASP.NET Core's are strings. Between the two, one character is one byte (Latin-1):
//
//   response   Kestrel refuses bytes above 0x7F by default; AddWindhover has it write Latin-1 for each field that the application chose nothing for
//   request    Kestrel reads UTF-8 by default and refuses what is none (400). What an application's own endpoints see must not change by adding
//              Windhover, so this stays, and what was read as UTF-8 is turned into its bytes again here. `windhover serve` has Kestrel read Latin-1.
internal static class HeaderBytes
{
    /// <summary>Lets a guest's response fields through.</summary>
    public static void ConfigureResponses(KestrelServerOptions kestrel)
    {
        Func<string, Encoding?> chosen = kestrel.ResponseHeaderEncodingSelector;
        kestrel.ResponseHeaderEncodingSelector = name => chosen(name) ?? Encoding.Latin1;
    }

    /// <summary>A field of the request, each byte a character.</summary>
    public static string Received(HttpContext context, string name, string value)
    {
        if (Ascii.IsValid(value) || context.RequestServices is null)
            return value; // Without services it came from another app of this server, whose fields are bytes already.
        Func<string, Encoding?>? chosen = context.RequestServices.GetService<IOptions<KestrelServerOptions>>()?.Value.RequestHeaderEncodingSelector;
        Encoding encoding = chosen?.Invoke(name) ?? Encoding.UTF8;
        return encoding.CodePage == Encoding.Latin1.CodePage ? value : Encoding.Latin1.GetString(encoding.GetBytes(value));
    }
}
