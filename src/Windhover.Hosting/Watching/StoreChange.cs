using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Windhover.Hosting.Watching;

/// <summary>What happened to a key.</summary>
public enum ChangeKind
{
    /// <summary>It has a value, new or another.</summary>
    Set,

    /// <summary>It is there no more.</summary>
    Delete,
}

/// <summary>A change in a store.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">What was set; null for a deletion, and where the store tells only that there is a new value. Nobody changes the bytes afterwards.</param>
/// <param name="Origin">For whom it was made; null when that is not known.</param>
/// <param name="Trace">The trace of whoever made it.</param>
public sealed record StoreChange(ChangeKind Kind, string Key, ReadOnlyMemory<byte>? Value, ChangeOrigin? Origin = null, ActivityContext Trace = default);

/// <summary>For whom a change was made, as far as it matters to those who watch: it ends chains of changes that make each other.</summary>
/// <param name="Watcher">The watcher in whose run it was made; null: in none.</param>
/// <param name="Depth">How many calls and runs stand above it, itself included.</param>
public sealed record ChangeOrigin(string? Watcher, int Depth);

/// <summary>Who changes something. Costs nothing until <see cref="Origin"/> is asked for; the default is nobody that is known.</summary>
public readonly struct ChangeWriter
{
    private readonly object? _caller;

    internal ChangeWriter(object? caller) => _caller = caller;

    /// <summary>For whom; null when that is not known.</summary>
    public ChangeOrigin? Origin
    {
        get
        {
            try
            {
                return ((_caller as HttpContext)?.Features.Get<ICallOrigin>() ?? _caller as ICallOrigin)?.Origin;
            }
            catch (ObjectDisposedException)
            {
                return null; // The request was over before what its guest began.
            }
        }
    }
}

/// <summary>Knows the origin of changes: what stands behind <see cref="Wasi.WasiContext.Caller"/>, or is a feature of the request there.</summary>
internal interface ICallOrigin
{
    ChangeOrigin Origin { get; }
}
