using System.Text;
using Windhover.Capabilities.Backends;

namespace Windhover.Capabilities.KeyValue;

/// <summary>What one call may pass and hold, whatever the backend.</summary>
public static class KeyValueLimits
{
    /// <summary>Bytes of a key in UTF-8.</summary>
    public const int KeyBytes = 4096;

    /// <summary>Bytes of a value, and of all values of one call together.</summary>
    public const int ValueBytes = 64 << 20;

    /// <summary>Keys of one call of <c>get-many</c> and the like.</summary>
    public const int KeysPerCall = 10_000;

    /// <summary>Keys on one page of a listing.</summary>
    public const int KeysPerPage = 1000;

    /// <summary>Bytes of all keys that one call lists, where the interface has no pages.</summary>
    public const int ListedBytes = 16 << 20;

    internal static void Check(string key)
    {
        // A char is at most 3 bytes.
        if (key.Length > KeyBytes / 3 && Encoding.UTF8.GetByteCount(key) > KeyBytes)
            throw new BackendException($"a key has more than {KeyBytes} bytes", BackendFailure.Invalid);
    }

    internal static void CheckValue(long bytes)
    {
        if (bytes > ValueBytes)
            throw new BackendException($"the values of one call have more than {ValueBytes >> 20} MiB", BackendFailure.Invalid);
    }

    internal static void CheckKeys(IReadOnlyList<string> keys)
    {
        if (keys.Count > KeysPerCall)
            throw new BackendException($"one call names more than {KeysPerCall} keys", BackendFailure.Invalid);
        foreach (string key in keys)
            Check(key);
    }
}
