using Windhover.Wasi.Bindings.P3.Wasi.Clocks.SystemClock;
using Windhover.Wasi.Bindings.P3.Wasi.Filesystem.Preopens;
using Windhover.Wasi.Bindings.P3.Wasi.Filesystem.Types;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Io;
using DescriptorType = Windhover.Wasi.Bindings.P3.Wasi.Filesystem.Types.DescriptorType;

namespace Windhover.Wasi.P3;

/// <summary><c>wasi:filesystem</c>, outside of its resources.</summary>
internal sealed partial class P3Host : IPreopens
{
    IReadOnlyList<(IDescriptor, string)> IPreopens.GetDirectories() => [.. context.GetDirectories().Select(pair => ((IDescriptor)pair.Directory, pair.Name))];
}

/// <summary>The services' words in those of <c>wasi:filesystem/types</c>.</summary>
internal static class FilesystemWords
{
    // In the order of FsError.
    private static readonly ErrorCode[] s_errors =
    [
        ErrorCode.Access.Instance,
        new ErrorCode.Other("would-block"), // 0.3 has no such error: nothing that a guest can open is of the kind that answers so
        ErrorCode.Already.Instance,
        ErrorCode.BadDescriptor.Instance,
        ErrorCode.Busy.Instance,
        ErrorCode.Deadlock.Instance,
        ErrorCode.Quota.Instance,
        ErrorCode.Exist.Instance,
        ErrorCode.FileTooLarge.Instance,
        ErrorCode.IllegalByteSequence.Instance,
        ErrorCode.InProgress.Instance,
        ErrorCode.Interrupted.Instance,
        ErrorCode.Invalid.Instance,
        ErrorCode.Io.Instance,
        ErrorCode.IsDirectory.Instance,
        ErrorCode.Loop.Instance,
        ErrorCode.TooManyLinks.Instance,
        ErrorCode.MessageSize.Instance,
        ErrorCode.NameTooLong.Instance,
        ErrorCode.NoDevice.Instance,
        ErrorCode.NoEntry.Instance,
        ErrorCode.NoLock.Instance,
        ErrorCode.InsufficientMemory.Instance,
        ErrorCode.InsufficientSpace.Instance,
        ErrorCode.NotDirectory.Instance,
        ErrorCode.NotEmpty.Instance,
        ErrorCode.NotRecoverable.Instance,
        ErrorCode.Unsupported.Instance,
        ErrorCode.NoTty.Instance,
        ErrorCode.NoSuchDevice.Instance,
        ErrorCode.Overflow.Instance,
        ErrorCode.NotPermitted.Instance,
        ErrorCode.Pipe.Instance,
        ErrorCode.ReadOnly.Instance,
        ErrorCode.InvalidSeek.Instance,
        ErrorCode.TextFileBusy.Instance,
        ErrorCode.CrossDevice.Instance,
    ];

    // In the order of the services' DescriptorType.
    private static readonly DescriptorType[] s_types =
    [
        new DescriptorType.Other(null),
        DescriptorType.BlockDevice.Instance,
        DescriptorType.CharacterDevice.Instance,
        DescriptorType.Directory.Instance,
        DescriptorType.Fifo.Instance,
        DescriptorType.SymbolicLink.Instance,
        DescriptorType.RegularFile.Instance,
        DescriptorType.Socket.Instance,
    ];

    public static ErrorCode ToWit(this FsError error) => s_errors[(int)error];

    public static DescriptorType ToWit(this Wasi.Filesystem.DescriptorType type) => s_types[(int)type];

    /// <summary>The outcome of a stream: of a failure, or of null.</summary>
    public static Result<Unit, ErrorCode> ToOutcome(IoError? failure) => failure is null ? Result.Ok() : (failure.Code as FsError? ?? FsError.Io).ToWit();

    public static Result<T, ErrorCode> ToWit<T>(this Result<T, FsError> result) =>
        result.TryGet(out var value, out var error) ? Result<T, ErrorCode>.Ok(value) : Result<T, ErrorCode>.Err(error.ToWit());

    /// <summary>An answer that is there at once.</summary>
    public static ValueTask<Result<T, ErrorCode>> ToTask<T>(this Result<T, FsError> result) => ValueTask.FromResult(result.ToWit());

    /// <summary>An answer that is there at once.</summary>
    public static ValueTask<Result<TTo, ErrorCode>> ToTask<T, TTo>(this Result<T, FsError> result, Func<T, TTo> map) =>
        ValueTask.FromResult(result.TryGet(out var value, out var error) ? Result<TTo, ErrorCode>.Ok(map(value)) : Result<TTo, ErrorCode>.Err(error.ToWit()));

    public static Bindings.P3.Wasi.Filesystem.Types.DescriptorStat ToWit(Wasi.Filesystem.DescriptorStat stat) => new(
        stat.Type.ToWit(),
        stat.LinkCount,
        stat.Size,
        ToWit(stat.AccessTime),
        ToWit(stat.ModificationTime),
        ToWit(stat.StatusChangeTime));

    public static Wasi.Filesystem.NewTimestamp FromWit(Bindings.P3.Wasi.Filesystem.Types.NewTimestamp time) =>
        time is Bindings.P3.Wasi.Filesystem.Types.NewTimestamp.Timestamp { Value: var value }
            ? new(NewTimestampKind.Timestamp, new Wasi.Clocks.Datetime(value.Seconds, value.Nanoseconds))
            : new((NewTimestampKind)time.Discriminant());

    private static Instant? ToWit(Wasi.Clocks.Datetime? time) => time is { } value ? P3Host.ToInstant(value) : null;
}
