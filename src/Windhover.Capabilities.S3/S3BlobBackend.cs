using Amazon.S3;
using Microsoft.Extensions.Logging;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.Blobs;

namespace Windhover.Capabilities.S3;

/// <summary>Containers in S3, a bucket each.</summary>
internal sealed class S3BlobBackend(S3Clients clients, ILoggerFactory loggers, TimeProvider time) : IBlobBackend
{
    public BackendKind Kind { get; } = new("s3",
        new BackendOption("url", "Where it is: https://s3.eu-central-1.amazonaws.com, http://127.0.0.1:9000", Required: true),
        new BackendOption("access-key", "Who asks", Required: true),
        new BackendOption("secret-key", "The secret of that key", Required: true),
        new BackendOption("bucket", "The bucket; by default the container's name"),
        new BackendOption("region", "What requests are signed for; by default us-east-1"));

    public ResourceLease<IBlobContainer> Open(CapabilityRequest request, CapabilityResource resource)
    {
        string bucket = resource["bucket"] ?? resource.Name;
        if (!IsBucket(bucket))
        {
            throw new CapabilityException(
                $"`{resource.Name}`: `{bucket}` is no name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at each end; `bucket` gives it another name.", resource.Name);
        }

        ResourceLease<AmazonS3Client> client = clients.Open(resource);
        var health = new BackendHealth(loggers.CreateLogger<S3BlobBackend>(), $"S3, for the container `{resource.Name}` of app `{request.App}`,", time);
        return new ResourceLease<IBlobContainer>(new S3BlobContainer(client.Value, bucket, health), client.Dispose);
    }

    private static bool IsBucket(string name) =>
        name.Length is >= 3 and <= 63 && IsPlain(name[0]) && IsPlain(name[^1]) && name.All(c => IsPlain(c) || c is '-' or '.') && !name.Contains("..", StringComparison.Ordinal);

    private static bool IsPlain(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
}
