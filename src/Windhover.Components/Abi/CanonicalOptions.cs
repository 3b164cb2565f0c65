namespace Windhover.Components.Abi;

/// <summary>How a component's strings are encoded in its linear memory (Canonical ABI, "canonopt").</summary>
public enum StringEncoding : byte
{
    /// <summary>UTF-8; a length counts bytes.</summary>
    Utf8,

    /// <summary>UTF-16 little-endian; a length counts 16-bit code units.</summary>
    Utf16,

    /// <summary>Latin-1 or UTF-16 by string: the top bit of the length says UTF-16.</summary>
    Latin1OrUtf16,
}

/// <summary>
/// The options of one <c>canon lift</c> or <c>canon lower</c>, resolved to slots of a <see cref="Linking.ComponentInstance"/>. The options
/// are made once per component; what stands in the slots belongs to each instance. -1 means absent.
/// </summary>
internal sealed record CanonicalOptions(
    int InstanceIndex,
    StringEncoding Encoding = StringEncoding.Utf8,
    int MemorySlot = -1,
    int ReallocSlot = -1,
    int PostReturnSlot = -1,
    bool IsAsync = false,
    int CallbackSlot = -1);
