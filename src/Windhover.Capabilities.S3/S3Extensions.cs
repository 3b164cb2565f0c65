using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Windhover.Capabilities.Blobs;

namespace Windhover.Capabilities.S3;

/// <summary>S3 as a backend of capabilities.</summary>
public static class S3Extensions
{
    /// <summary>Adds the backend <c>s3</c> to blobs, and the capabilities themselves where they are not there yet.</summary>
    public static IServiceCollection AddWindhoverS3(this IServiceCollection services)
    {
        services.AddWindhoverCapabilities();
        services.TryAddSingleton<S3Clients>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IBlobBackend, S3BlobBackend>());
        return services;
    }
}
