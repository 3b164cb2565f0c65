using Windhover.Components.Async;
using Windhover.Wasi.P3;
using P3Types = Windhover.Wasi.Bindings.P3.Wasi.Filesystem.Types;

namespace Windhover.Wasi.Filesystem;

// What waits, and where:
//
//   opening, attributes, names, set-size    one system call of microseconds, made in the guest's turn. Linux has these calls only as they are: made elsewhere, each would
//                                           hold a pool thread just as long, and cost two changes of thread (some 10 µs) besides.
//   content                                 64 KiB at a time, outside of turns but for the first read. RandomAccess' asynchronous forms are the same calls on a pool thread.
//   sync, sync-data                         wait for the disk, for seconds if need be: on a pool thread, outside of the turn.

/// <summary><c>wasi:filesystem/types.descriptor</c>, in the words of WASI 0.3.</summary>
internal sealed partial class Descriptor : P3Types.IDescriptor
{
    (HostStream, HostFuture<Result<Unit, P3Types.ErrorCode>>) P3Types.IDescriptor.ReadViaStream(ulong offset) =>
        ReadViaStream(offset).TryGet(out var stream, out var error)
            ? StreamPump.Read(stream, FilesystemWords.ToOutcome, _context.Aborted)
            : (HostStream.Empty, Failed(error));

    HostFuture<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.WriteViaStream(GuestStreamReader data, ulong offset) => Write(data, WriteViaStream(offset));

    HostFuture<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.AppendViaStream(GuestStreamReader data) => Write(data, AppendViaStream());

    (HostStream<P3Types.DirectoryEntry>, HostFuture<Result<Unit, P3Types.ErrorCode>>) P3Types.IDescriptor.ReadDirectory() =>
        ReadDirectory().TryGet(out var entries, out var error) ? entries.ToStream() : (HostStream.From<P3Types.DirectoryEntry>(), Failed(error));

    ValueTask<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.AdviseAsync(ulong offset, ulong length, P3Types.Advice advice, CancellationToken cancellationToken) =>
        Advise(offset, length, (Advice)advice).ToTask();

    ValueTask<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.SyncDataAsync(CancellationToken cancellationToken) => SyncAsync(dataOnly: true);

    ValueTask<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.SyncAsync(CancellationToken cancellationToken) => SyncAsync(dataOnly: false);

    ValueTask<Result<P3Types.DescriptorFlags, P3Types.ErrorCode>> P3Types.IDescriptor.GetFlagsAsync(CancellationToken cancellationToken) =>
        GetFlags().ToTask(static flags => (P3Types.DescriptorFlags)flags);

    ValueTask<Result<P3Types.DescriptorType, P3Types.ErrorCode>> P3Types.IDescriptor.GetTypeValueAsync(CancellationToken cancellationToken) =>
        GetDescriptorType().ToTask(static type => type.ToWit());

    ValueTask<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.SetSizeAsync(ulong size, CancellationToken cancellationToken) => SetSize(size).ToTask();

    ValueTask<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.SetTimesAsync(
        P3Types.NewTimestamp dataAccessTimestamp, P3Types.NewTimestamp dataModificationTimestamp, CancellationToken cancellationToken) =>
        SetTimes(FilesystemWords.FromWit(dataAccessTimestamp), FilesystemWords.FromWit(dataModificationTimestamp)).ToTask();

    ValueTask<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.CreateDirectoryAtAsync(string path, CancellationToken cancellationToken) => CreateDirectoryAt(path).ToTask();

    ValueTask<Result<P3Types.DescriptorStat, P3Types.ErrorCode>> P3Types.IDescriptor.StatAsync(CancellationToken cancellationToken) => Stat().ToTask(FilesystemWords.ToWit);

    ValueTask<Result<P3Types.DescriptorStat, P3Types.ErrorCode>> P3Types.IDescriptor.StatAtAsync(
        P3Types.PathFlags pathFlags, string path, CancellationToken cancellationToken) => StatAt((PathFlags)pathFlags, path).ToTask(FilesystemWords.ToWit);

    ValueTask<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.SetTimesAtAsync(
        P3Types.PathFlags pathFlags,
        string path,
        P3Types.NewTimestamp dataAccessTimestamp,
        P3Types.NewTimestamp dataModificationTimestamp,
        CancellationToken cancellationToken) =>
        SetTimesAt((PathFlags)pathFlags, path, FilesystemWords.FromWit(dataAccessTimestamp), FilesystemWords.FromWit(dataModificationTimestamp)).ToTask();

    ValueTask<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.LinkAtAsync(
        P3Types.PathFlags oldPathFlags, string oldPath, P3Types.IDescriptor newDescriptor, string newPath, CancellationToken cancellationToken) =>
        LinkAt((PathFlags)oldPathFlags, oldPath, (Descriptor)newDescriptor, newPath).ToTask();

    ValueTask<Result<P3Types.IDescriptor, P3Types.ErrorCode>> P3Types.IDescriptor.OpenAtAsync(
        P3Types.PathFlags pathFlags, string path, P3Types.OpenFlags openFlags, P3Types.DescriptorFlags flags, CancellationToken cancellationToken) =>
        OpenAt((PathFlags)pathFlags, path, (OpenFlags)openFlags, (DescriptorFlags)flags).ToTask(static P3Types.IDescriptor (opened) => opened);

    ValueTask<Result<string, P3Types.ErrorCode>> P3Types.IDescriptor.ReadlinkAtAsync(string path, CancellationToken cancellationToken) => ReadlinkAt(path).ToTask();

    ValueTask<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.RemoveDirectoryAtAsync(string path, CancellationToken cancellationToken) => RemoveDirectoryAt(path).ToTask();

    ValueTask<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.RenameAtAsync(
        string oldPath, P3Types.IDescriptor newDescriptor, string newPath, CancellationToken cancellationToken) =>
        RenameAt(oldPath, (Descriptor)newDescriptor, newPath).ToTask();

    ValueTask<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.SymlinkAtAsync(string oldPath, string newPath, CancellationToken cancellationToken) =>
        SymlinkAt(oldPath, newPath).ToTask();

    ValueTask<Result<Unit, P3Types.ErrorCode>> P3Types.IDescriptor.UnlinkFileAtAsync(string path, CancellationToken cancellationToken) => UnlinkFileAt(path).ToTask();

    ValueTask<bool> P3Types.IDescriptor.IsSameObjectAsync(P3Types.IDescriptor other, CancellationToken cancellationToken) => ValueTask.FromResult(IsSameObject((Descriptor)other));

    ValueTask<Result<P3Types.MetadataHashValue, P3Types.ErrorCode>> P3Types.IDescriptor.MetadataHashAsync(CancellationToken cancellationToken) =>
        GetMetadataHash().ToTask(ToP3);

    ValueTask<Result<P3Types.MetadataHashValue, P3Types.ErrorCode>> P3Types.IDescriptor.MetadataHashAtAsync(
        P3Types.PathFlags pathFlags, string path, CancellationToken cancellationToken) => GetMetadataHashAt((PathFlags)pathFlags, path).ToTask(ToP3);

    private static P3Types.MetadataHashValue ToP3(MetadataHash hash) => new(hash.Lower, hash.Upper);

    private static HostFuture<Result<Unit, P3Types.ErrorCode>> Failed(FsError error) =>
        HostFutures.FromResult(Result<Unit, P3Types.ErrorCode>.Err(error.ToWit()));

    private HostFuture<Result<Unit, P3Types.ErrorCode>> Write(GuestStreamReader data, Result<Io.OutputStream, FsError> opened)
    {
        if (opened.TryGet(out var stream, out var error))
            return StreamPump.Write(data, stream, _context, FilesystemWords.ToOutcome);
        data.Dispose();
        return Failed(error);
    }

    // A guest that cancels the call waits for its end all the same: what the disk has begun to write cannot be called back.
    private async ValueTask<Result<Unit, P3Types.ErrorCode>> SyncAsync(bool dataOnly)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return Sync(dataOnly).ToWit();
    }
}

/// <summary>The entries of a directory as a stream of WASI 0.3.</summary>
internal sealed partial class DirectoryEntryStream
{
    // As many as a write to the guest carries.
    private const int Batch = 64;

    /// <summary>
    /// The entries, read no faster than the guest takes them. A name that is not UTF-8 is left out, and the outcome says so in the end: one such name must not
    /// hide the others.
    /// </summary>
    public (HostStream<P3Types.DirectoryEntry>, HostFuture<Result<Unit, P3Types.ErrorCode>>) ToStream()
    {
        var done = new TaskCompletionSource<Result<Unit, P3Types.ErrorCode>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = HostStream.Create<P3Types.DirectoryEntry>(async (writer, dropped) =>
        {
            FsError? failure = null;
            try
            {
                using (this)
                    failure = await WriteAsync(writer, dropped).ConfigureAwait(false);
            }
            finally
            {
                done.TrySetResult(failure is { } error ? error.ToWit() : Result.Ok());
            }
        });
        return (stream, HostFutures.From(done.Task));
    }

    private async Task<FsError?> WriteAsync(HostStreamWriter<P3Types.DirectoryEntry> writer, CancellationToken dropped)
    {
        var batch = new P3Types.DirectoryEntry[Batch];
        FsError? failure = null;
        while (true)
        {
            var count = 0;
            var ended = false;
            while (count < batch.Length && !ended)
            {
                if (!ReadDirectoryEntry().TryGet(out var entry, out var error))
                {
                    failure ??= error;
                    ended = error != FsError.IllegalByteSequence;
                }
                else if (entry is { } value)
                {
                    batch[count++] = new P3Types.DirectoryEntry(value.Type.ToWit(), value.Name);
                }
                else
                {
                    ended = true;
                }
            }

            if (count > 0 && await writer.WriteAsync(batch.AsMemory(0, count), dropped).ConfigureAwait(false) < count)
                return null; // the guest has seen enough
            if (ended)
                return failure;
        }
    }
}
