using Microsoft.Extensions.Logging;
using Windhover.Capabilities.Backends;

namespace Windhover.Capabilities.Blobs.Files;

/// <summary>Containers in folders: <c>DATA/blobs/NAME</c>.</summary>
internal sealed class FileBlobBackend(ILoggerFactory loggers, TimeProvider time) : IBlobBackend
{
    public BackendKind Kind { get; } = new("files", new BackendOption("path", "The folder; by default below the app's data directory"));

    public ResourceLease<IBlobContainer> Open(CapabilityRequest request, CapabilityResource resource) => new(new FileBlobContainer(
        EmbeddedFiles.PathOf(request, resource, "blobs", ""),
        new BackendHealth(loggers.CreateLogger<FileBlobBackend>(), $"the container `{resource.Name}` of app `{request.App}`", time)));
}
