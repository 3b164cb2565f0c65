using Windhover.Wasi.Clocks;

namespace Windhover.Wasi.Filesystem;

/// <summary><c>wasi:filesystem/types.descriptor-type</c>, in its order.</summary>
internal enum DescriptorType
{
    Unknown,
    BlockDevice,
    CharacterDevice,
    Directory,
    Fifo,
    SymbolicLink,
    RegularFile,
    Socket,
}

/// <summary><c>wasi:filesystem/types.descriptor-flags</c>, in its order.</summary>
[Flags]
internal enum DescriptorFlags
{
    None = 0,
    Read = 1,
    Write = 2,
    FileIntegritySync = 4,
    DataIntegritySync = 8,
    RequestedWriteSync = 16,
    MutateDirectory = 32,
}

/// <summary><c>wasi:filesystem/types.path-flags</c>.</summary>
[Flags]
internal enum PathFlags
{
    None = 0,
    SymlinkFollow = 1,
}

/// <summary><c>wasi:filesystem/types.open-flags</c>, in its order.</summary>
[Flags]
internal enum OpenFlags
{
    None = 0,
    Create = 1,
    Directory = 2,
    Exclusive = 4,
    Truncate = 8,
}

/// <summary><c>wasi:filesystem/types.advice</c>, in its order.</summary>
internal enum Advice
{
    Normal,
    Sequential,
    Random,
    WillNeed,
    DontNeed,
    NoReuse,
}

/// <summary><c>wasi:filesystem/types.new-timestamp</c>.</summary>
/// <param name="Kind">What to do with the timestamp.</param>
/// <param name="Value">The time to set, where <paramref name="Kind"/> says so.</param>
internal readonly record struct NewTimestamp(NewTimestampKind Kind, Datetime Value = default);

/// <summary>The cases of <see cref="NewTimestamp"/>, in the order of WIT.</summary>
internal enum NewTimestampKind
{
    NoChange,
    Now,
    Timestamp,

    /// <summary>A time beyond what 64 bits with a sign hold: <c>overflow</c>.</summary>
    OutOfRange,
}

/// <summary><c>wasi:filesystem/types.descriptor-stat</c>. Times before 1970 are absent in WASI 0.2, which cannot name them.</summary>
internal readonly record struct DescriptorStat(
    DescriptorType Type,
    ulong LinkCount,
    ulong Size,
    Datetime? AccessTime,
    Datetime? ModificationTime,
    Datetime? StatusChangeTime);

/// <summary><c>wasi:filesystem/types.directory-entry</c>.</summary>
internal readonly record struct DirectoryEntry(DescriptorType Type, string Name);

/// <summary><c>wasi:filesystem/types.metadata-hash-value</c>.</summary>
internal readonly record struct MetadataHash(ulong Lower, ulong Upper);
