using Microsoft.Extensions.DependencyInjection;

namespace Windhover.Wasi.Http;

/// <summary>Registration of the HTTP client of guests.</summary>
public static class OutgoingHttpExtensions
{
    /// <summary>Adds the client through which guests make requests; handlers can be added to the returned builder.</summary>
    /// <remarks>
    /// It speaks HTTP/2 where TLS offers it. Over HTTP/1.1 the client of .NET reads no answer before it has sent the whole content, so a guest that
    /// needs both directions at once must be given a server with HTTP/2.
    /// </remarks>
    public static IHttpClientBuilder AddGuestHttpClient(this IServiceCollection services, string name = OutgoingHttp.DefaultClientName) =>
        services.AddHttpClient(name, static client => client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrHigher)
            .ConfigurePrimaryHttpMessageHandler(OutgoingHttp.CreateHandler);
}
