using Microsoft.Extensions.DependencyInjection;

namespace Windhover.Wasi.Http;

/// <summary>Registration of the HTTP client of guests.</summary>
public static class OutgoingHttpExtensions
{
    /// <summary>Adds the client through which guests make requests; handlers can be added to the returned builder.</summary>
    public static IHttpClientBuilder AddGuestHttpClient(this IServiceCollection services, string name = OutgoingHttp.DefaultClientName) =>
        services.AddHttpClient(name).ConfigurePrimaryHttpMessageHandler(OutgoingHttp.CreateHandler);
}
