using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.Blobs;

namespace Windhover.Capabilities.S3;

/// <summary>A container in a bucket of its own. S3 writes objects whole or not at all, and hands out one version of them.</summary>
internal sealed class S3BlobContainer(IAmazonS3 client, string bucket, BackendHealth health, int namesPerPage = 1000) : IBlobContainer
{
    // S3 tells a bucket's age only in the list of all buckets, which few keys may read.
    public ValueTask<DateTimeOffset?> FindAsync(CancellationToken cancellationToken) => RunAsync<DateTimeOffset?>(
        async () =>
        {
            await client.HeadBucketAsync(new HeadBucketRequest { BucketName = bucket }, cancellationToken).ConfigureAwait(false);
            return DateTimeOffset.UnixEpoch;
        },
        absent: null);

    public async ValueTask CreateAsync(CancellationToken cancellationToken) => await RunAsync(async () =>
    {
        try
        {
            await client.PutBucketAsync(new PutBucketRequest { BucketName = bucket }, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception error) when (error.ErrorCode == "BucketAlreadyOwnedByYou")
        {
            // It is there.
        }

        return true;
    }).ConfigureAwait(false);

    public async ValueTask DeleteAsync(CancellationToken cancellationToken) => await RunAsync(
        async () =>
        {
            while (true)
            {
                ListObjectsV2Response page = await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket }, cancellationToken).ConfigureAwait(false);
                foreach (S3Object each in page.S3Objects ?? [])
                    await client.DeleteObjectAsync(bucket, each.Key, cancellationToken).ConfigureAwait(false);
                if (page.IsTruncated != true)
                    break;
            }

            await client.DeleteBucketAsync(bucket, cancellationToken).ConfigureAwait(false);
            return true;
        },
        absent: true).ConfigureAwait(false);

    public ValueTask<BlobInfo?> FindObjectAsync(string name, CancellationToken cancellationToken)
    {
        string key = KeyOf(name);
        return RunAsync<BlobInfo?>(
            async () =>
            {
                GetObjectMetadataResponse found = await client.GetObjectMetadataAsync(bucket, key, cancellationToken).ConfigureAwait(false);
                return new BlobInfo(found.ContentLength, found.LastModified?.ToUniversalTime() ?? DateTime.UnixEpoch);
            },
            absent: null);
    }

    public async ValueTask<BlobContent?> OpenAsync(string name, long start, long end, CancellationToken cancellationToken)
    {
        string key = KeyOf(name);
        if (end < start)
            return await FindObjectAsync(name, cancellationToken).ConfigureAwait(false) is null ? null : new BlobContent(Stream.Null, 0);
        return await RunAsync(
            async () =>
            {
                var request = new GetObjectRequest { BucketName = bucket, Key = key };
                if (start > 0 || end < long.MaxValue)
                    request.ByteRange = end == long.MaxValue ? new ByteRange($"bytes={start}-") : new ByteRange(start, end);
                try
                {
                    GetObjectResponse found = await client.GetObjectAsync(request, cancellationToken).ConfigureAwait(false);
                    return new BlobContent(found.ResponseStream, found.ContentLength);
                }
                catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                {
                    return new BlobContent(Stream.Null, 0); // it is there, and ends before
                }
            },
            absent: null).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        string key = KeyOf(name);

        // The length goes ahead and the signature is over the content: it is read twice.
        await using Stream? copy = content.CanSeek ? null : await SpoolAsync(content, cancellationToken).ConfigureAwait(false);
        Stream whole = copy ?? content;
        long from = whole.Position;
        await RunAsync(async () =>
        {
            whole.Position = from;
            await client.PutObjectAsync(
                new PutObjectRequest { BucketName = bucket, Key = key, InputStream = whole, AutoCloseStream = false, AutoResetStreamPosition = false, UseChunkEncoding = false },
                cancellationToken).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
    }

    public async ValueTask DeleteObjectAsync(string name, CancellationToken cancellationToken)
    {
        string key = KeyOf(name);
        await RunAsync(
            async () =>
            {
                await client.DeleteObjectAsync(bucket, key, cancellationToken).ConfigureAwait(false);
                return true;
            },
            absent: true).ConfigureAwait(false);
    }

    public ValueTask<(IReadOnlyList<string> Names, string? Cursor)> ListAsync(string? cursor, CancellationToken cancellationToken) =>
        RunAsync<(IReadOnlyList<string> Names, string? Cursor)>(
            async () =>
            {
                ListObjectsV2Response page = await client.ListObjectsV2Async(
                    new ListObjectsV2Request { BucketName = bucket, MaxKeys = namesPerPage, ContinuationToken = cursor }, cancellationToken).ConfigureAwait(false);
                return ([.. (page.S3Objects ?? []).Select(o => S3Key.NameOf(o.Key))], page.IsTruncated == true ? page.NextContinuationToken : null);
            },
            absent: ([], null));

    private static string KeyOf(string name)
    {
        BlobLimits.Check(name);
        return S3Key.Of(name);
    }

    private static async Task<Stream> SpoolAsync(Stream content, CancellationToken cancellationToken)
    {
        var file = new FileStream(
            Path.Combine(Path.GetTempPath(), $"windhover-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        try
        {
            await content.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<T> RunAsync<T>(Func<Task<T>> action, T absent)
    {
        try
        {
            T result = await action().ConfigureAwait(false);
            health.Works();
            return result;
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            health.Works();
            return absent;
        }
        catch (Exception error) when (IsClient(error))
        {
            throw Translate(error);
        }
    }

    private async ValueTask RunAsync(Func<Task<bool>> action)
    {
        try
        {
            await action().ConfigureAwait(false);
            health.Works();
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            throw new BackendException("the container is not there: create it first", BackendFailure.Invalid, error);
        }
        catch (Exception error) when (IsClient(error))
        {
            throw Translate(error);
        }
    }

    private static bool IsClient(Exception error) => error is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or System.Net.Sockets.SocketException or TimeoutException;

    // Keys that are wrong or may not: the operator's matter, and in the log as such. The guest learns of no address or key.
    private BackendException Translate(Exception error) => error switch
    {
        AmazonServiceException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or >= HttpStatusCode.InternalServerError or 0 } => health.Fails(error),
        AmazonServiceException refused => new BackendException($"S3 refuses: {refused.ErrorCode}", BackendFailure.Other, error),
        _ => health.Fails(error),
    };
}
