using Windhover.Capabilities.Backends;

namespace Windhover.Capabilities.Blobs;

/// <summary>
/// A container of blobs. One per granted container, shared by all instances of an app; thread-safe. Every method throws <see cref="BackendException"/> when the
/// backend cannot do it. Names of objects are any text of 1 to 1024 bytes without control signs; a <c>/</c> in them has no meaning.
/// </summary>
public interface IBlobContainer
{
    /// <summary>When it was made; null when it is not there.</summary>
    ValueTask<DateTimeOffset?> FindAsync(CancellationToken cancellationToken);

    /// <summary>Makes it, if it is not there.</summary>
    ValueTask CreateAsync(CancellationToken cancellationToken);

    /// <summary>Removes it with all that is in it.</summary>
    ValueTask DeleteAsync(CancellationToken cancellationToken);

    /// <summary>What is known about an object; null when it is not there.</summary>
    ValueTask<BlobInfo?> FindObjectAsync(string name, CancellationToken cancellationToken);

    /// <summary>Opens an object's bytes; null when it is not there. What is read is one version, whatever is written meanwhile.</summary>
    /// <param name="name">The object.</param>
    /// <param name="start">The first byte.</param>
    /// <param name="end">The last byte, included; beyond the object's end: to its end.</param>
    /// <param name="cancellationToken">Ends it.</param>
    ValueTask<BlobContent?> OpenAsync(string name, long start, long end, CancellationToken cancellationToken);

    /// <summary>Writes an object, whole or not at all.</summary>
    ValueTask WriteAsync(string name, Stream content, CancellationToken cancellationToken);

    /// <summary>Removes an object, if it is there.</summary>
    ValueTask DeleteObjectAsync(string name, CancellationToken cancellationToken);

    /// <summary>A page of names.</summary>
    /// <param name="cursor">Null, or what the page before gave.</param>
    /// <param name="cancellationToken">Ends it.</param>
    ValueTask<(IReadOnlyList<string> Names, string? Cursor)> ListAsync(string? cursor, CancellationToken cancellationToken);
}

/// <summary>What is known about an object.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="CreatedAt">When it was written.</param>
public readonly record struct BlobInfo(long Size, DateTimeOffset CreatedAt);

/// <summary>The bytes of an object.</summary>
/// <param name="Stream">Where they come from; the receiver disposes of it.</param>
/// <param name="Length">How many.</param>
public sealed record BlobContent(Stream Stream, long Length);

/// <summary>Something that keeps blobs: registered as a service, it can stand behind <c>blobs</c> in a manifest.</summary>
public interface IBlobBackend
{
    /// <summary>Its name and options.</summary>
    BackendKind Kind { get; }

    /// <summary>Opens a container, without connecting to anything yet.</summary>
    /// <exception cref="CapabilityException">The options cannot work.</exception>
    ResourceLease<IBlobContainer> Open(CapabilityRequest request, CapabilityResource resource);
}

/// <summary>What one call may pass and hold, whatever the backend.</summary>
public static class BlobLimits
{
    /// <summary>Bytes of an object that a guest writes.</summary>
    public const long ObjectBytes = 1L << 30;

    /// <summary>Bytes that are handed over in one piece.</summary>
    public const int SyncBytes = 64 << 20;

    /// <summary>Names of one call.</summary>
    public const int NamesPerCall = 10_000;

    internal static void Check(string name)
    {
        if (name.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(name) > 1024 || name.Any(char.IsControl))
            throw new BackendException("a name of an object has 1 to 1024 bytes and no control signs", BackendFailure.Invalid);
    }
}
