using Amazon.Runtime;
using Amazon.S3;
using Windhover.Capabilities.Backends;

namespace Windhover.Capabilities.S3;

/// <summary>The clients of a server, one per address and key.</summary>
internal sealed class S3Clients
{
    private readonly SharedResources<AmazonS3Client> _clients = new();

    public ResourceLease<AmazonS3Client> Open(CapabilityResource resource)
    {
        string url = resource["url"] ?? "";
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0 || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
            throw new CapabilityException($"`{resource.Name}`: `url` is no address of an S3: write it as https://host:port, with the keys in `access-key` and `secret-key`.", resource.Name);
        string key = resource["access-key"] ?? "", secret = resource["secret-key"] ?? "", region = resource["region"] ?? "us-east-1";
        return _clients.Open<AmazonS3Client>(string.Join('\n', uri, region, key, secret), () => new AmazonS3Client(new BasicAWSCredentials(key, secret), Config(uri, region)));
    }

    // Nothing of the machine's own AWS set-up counts: no profile, no address from the environment. Servers that are not Amazon's know the bucket as a part of the path, and not all
    // know the checksums that its client sends where nobody asked for them.
    private static AmazonS3Config Config(Uri uri, string region) => new()
    {
        ServiceURL = uri.GetLeftPart(UriPartial.Authority),
        AuthenticationRegion = region,
        UseHttp = uri.Scheme == "http",
        ForcePathStyle = true,
        IgnoreConfiguredEndpointUrls = true,
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        ConnectTimeout = TimeSpan.FromSeconds(2), // an address that does not answer: the guest is told within 5 s
        MaxErrorRetry = 1,
        DisableLogging = true,
    };
}
