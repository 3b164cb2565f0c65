using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.P2;
using P2Types = Windhover.Wasi.Bindings.Wasi.Filesystem.Types;

namespace Windhover.Wasi.Filesystem;

/// <summary><c>wasi:filesystem/types.descriptor</c>, in the words of WASI 0.2.</summary>
internal sealed partial class Descriptor : P2Types.IDescriptor
{
    Result<IInputStream, P2Types.ErrorCode> P2Types.IDescriptor.ReadViaStream(ulong offset) => ReadViaStream(offset).ToWit(static IInputStream (stream) => stream);

    Result<IOutputStream, P2Types.ErrorCode> P2Types.IDescriptor.WriteViaStream(ulong offset) => WriteViaStream(offset).ToWit(static IOutputStream (stream) => stream);

    Result<IOutputStream, P2Types.ErrorCode> P2Types.IDescriptor.AppendViaStream() => AppendViaStream().ToWit(static IOutputStream (stream) => stream);

    Result<Unit, P2Types.ErrorCode> P2Types.IDescriptor.Advise(ulong offset, ulong length, P2Types.Advice advice) => Advise(offset, length, (Advice)advice).ToWit();

    Result<Unit, P2Types.ErrorCode> P2Types.IDescriptor.SyncData() => SyncData().ToWit();

    Result<P2Types.DescriptorFlags, P2Types.ErrorCode> P2Types.IDescriptor.GetFlags() => GetFlags().ToWit(static flags => (P2Types.DescriptorFlags)flags);

    Result<P2Types.DescriptorType, P2Types.ErrorCode> P2Types.IDescriptor.GetTypeValue() => GetDescriptorType().ToWit(static type => (P2Types.DescriptorType)type);

    Result<Unit, P2Types.ErrorCode> P2Types.IDescriptor.SetSize(ulong size) => SetSize(size).ToWit();

    Result<Unit, P2Types.ErrorCode> P2Types.IDescriptor.SetTimes(P2Types.NewTimestamp dataAccessTimestamp, P2Types.NewTimestamp dataModificationTimestamp) =>
        SetTimes(FilesystemWords.FromWit(dataAccessTimestamp), FilesystemWords.FromWit(dataModificationTimestamp)).ToWit();

    Result<(ReadOnlyMemory<byte>, bool), P2Types.ErrorCode> P2Types.IDescriptor.Read(ulong length, ulong offset) => Read(length, offset).ToWit();

    Result<ulong, P2Types.ErrorCode> P2Types.IDescriptor.Write(ReadOnlySpan<byte> buffer, ulong offset) => Write(buffer, offset).ToWit();

    Result<P2Types.IDirectoryEntryStream, P2Types.ErrorCode> P2Types.IDescriptor.ReadDirectory() => ReadDirectory().ToWit(static P2Types.IDirectoryEntryStream (stream) => stream);

    Result<Unit, P2Types.ErrorCode> P2Types.IDescriptor.Sync() => Sync().ToWit();

    Result<Unit, P2Types.ErrorCode> P2Types.IDescriptor.CreateDirectoryAt(string path) => CreateDirectoryAt(path).ToWit();

    Result<P2Types.DescriptorStat, P2Types.ErrorCode> P2Types.IDescriptor.Stat() => Stat().ToWit(FilesystemWords.ToWit);

    Result<P2Types.DescriptorStat, P2Types.ErrorCode> P2Types.IDescriptor.StatAt(P2Types.PathFlags pathFlags, string path) =>
        StatAt((PathFlags)pathFlags, path).ToWit(FilesystemWords.ToWit);

    Result<Unit, P2Types.ErrorCode> P2Types.IDescriptor.SetTimesAt(
        P2Types.PathFlags pathFlags, string path, P2Types.NewTimestamp dataAccessTimestamp, P2Types.NewTimestamp dataModificationTimestamp) =>
        SetTimesAt((PathFlags)pathFlags, path, FilesystemWords.FromWit(dataAccessTimestamp), FilesystemWords.FromWit(dataModificationTimestamp)).ToWit();

    Result<Unit, P2Types.ErrorCode> P2Types.IDescriptor.LinkAt(P2Types.PathFlags oldPathFlags, string oldPath, P2Types.IDescriptor newDescriptor, string newPath) =>
        LinkAt((PathFlags)oldPathFlags, oldPath, (Descriptor)newDescriptor, newPath).ToWit();

    Result<P2Types.IDescriptor, P2Types.ErrorCode> P2Types.IDescriptor.OpenAt(P2Types.PathFlags pathFlags, string path, P2Types.OpenFlags openFlags, P2Types.DescriptorFlags flags) =>
        OpenAt((PathFlags)pathFlags, path, (OpenFlags)openFlags, (DescriptorFlags)flags).ToWit(static P2Types.IDescriptor (opened) => opened);

    Result<string, P2Types.ErrorCode> P2Types.IDescriptor.ReadlinkAt(string path) => ReadlinkAt(path).ToWit();

    Result<Unit, P2Types.ErrorCode> P2Types.IDescriptor.RemoveDirectoryAt(string path) => RemoveDirectoryAt(path).ToWit();

    Result<Unit, P2Types.ErrorCode> P2Types.IDescriptor.RenameAt(string oldPath, P2Types.IDescriptor newDescriptor, string newPath) =>
        RenameAt(oldPath, (Descriptor)newDescriptor, newPath).ToWit();

    Result<Unit, P2Types.ErrorCode> P2Types.IDescriptor.SymlinkAt(string oldPath, string newPath) => SymlinkAt(oldPath, newPath).ToWit();

    Result<Unit, P2Types.ErrorCode> P2Types.IDescriptor.UnlinkFileAt(string path) => UnlinkFileAt(path).ToWit();

    bool P2Types.IDescriptor.IsSameObject(P2Types.IDescriptor other) => IsSameObject((Descriptor)other);

    Result<P2Types.MetadataHashValue, P2Types.ErrorCode> P2Types.IDescriptor.MetadataHash() => GetMetadataHash().ToWit(ToWit);

    Result<P2Types.MetadataHashValue, P2Types.ErrorCode> P2Types.IDescriptor.MetadataHashAt(P2Types.PathFlags pathFlags, string path) =>
        GetMetadataHashAt((PathFlags)pathFlags, path).ToWit(ToWit);

    private static P2Types.MetadataHashValue ToWit(MetadataHash hash) => new(hash.Lower, hash.Upper);
}

/// <summary><c>wasi:filesystem/types.directory-entry-stream</c>, in the words of WASI 0.2.</summary>
internal sealed partial class DirectoryEntryStream : P2Types.IDirectoryEntryStream
{
    Result<P2Types.DirectoryEntry?, P2Types.ErrorCode> P2Types.IDirectoryEntryStream.ReadDirectoryEntry() =>
        ReadDirectoryEntry().ToWit(static entry => entry is { } value ? new P2Types.DirectoryEntry((P2Types.DescriptorType)value.Type, value.Name) : null);
}
