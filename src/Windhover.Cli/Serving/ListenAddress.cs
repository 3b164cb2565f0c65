using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Windhover.Cli.Errors;

namespace Windhover.Cli.Serving;

/// <summary>An address to listen on, as <c>--listen</c> gives it: <c>8080</c>, <c>localhost:8080</c>, <c>0.0.0.0:80</c>, <c>[::1]:80</c>, <c>*:80</c>, <c>unix:/run/app.sock</c>.</summary>
internal sealed record ListenAddress(string Text, string Host, int Port, string? Socket = null)
{
    /// <exception cref="CliException">It is none.</exception>
    public static ListenAddress Parse(string text)
    {
        if (text.StartsWith("unix:", StringComparison.Ordinal) && text.Length > 5)
            return new ListenAddress(text, "", 0, Path.GetFullPath(text[5..]));
        var rest = text.StartsWith("http://", StringComparison.Ordinal) ? text[7..].TrimEnd('/') : text;
        var colon = rest.LastIndexOf(':');
        var host = colon < 0 ? "127.0.0.1" : rest[..colon].Trim('[', ']');
        if (!int.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535
            || !(host is "localhost" or "*" or "" || IPAddress.TryParse(host, out _)))
        {
            throw CliException.Usage($"--listen {text}: expected PORT, HOST:PORT or unix:PATH, HOST an IP address, localhost or *");
        }

        return new ListenAddress(text, host, port);
    }

    /// <summary>Listens there, on cleartext: <paramref name="protocol"/> is one of the two versions, as only TLS lets a client choose.</summary>
    public void AddTo(KestrelServerOptions kestrel, HttpProtocols protocol)
    {
        if (Socket is not null)
            kestrel.ListenUnixSocket(Socket, Configure);
        else if (Host == "localhost" && Port != 0)
            kestrel.ListenLocalhost(Port, Configure);
        else if (Host is "*" or "")
            kestrel.ListenAnyIP(Port, Configure);
        else
            kestrel.Listen(Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(Host), Port, Configure);

        void Configure(ListenOptions options) => options.Protocols = protocol;
    }
}
