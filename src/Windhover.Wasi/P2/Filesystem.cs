using Windhover.Wasi.Bindings.Wasi.Filesystem.Preopens;
using Windhover.Wasi.Bindings.Wasi.Filesystem.Types;
using Windhover.Wasi.Bindings.Wasi.Io.Error;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.P2;

/// <summary><c>wasi:filesystem</c>, outside of its resources.</summary>
internal sealed partial class P2Host : IPreopens, ITypes
{
    IReadOnlyList<(IDescriptor, string)> IPreopens.GetDirectories() => [.. context.GetDirectories().Select(pair => ((IDescriptor)pair.Directory, pair.Name))];

    ErrorCode? ITypes.FilesystemErrorCode(IError err) => (err as IoError)?.Code is FsError error ? error.ToWit() : null;
}

/// <summary>The services' words in those of <c>wasi:filesystem/types</c>. The enumerations have the same order.</summary>
internal static class FilesystemWords
{
    public static ErrorCode ToWit(this FsError error) => (ErrorCode)error;

    public static Result<T, ErrorCode> ToWit<T>(this Result<T, FsError> result) =>
        result.TryGet(out var value, out var error) ? Result<T, ErrorCode>.Ok(value) : Result<T, ErrorCode>.Err(error.ToWit());

    public static Result<TTo, ErrorCode> ToWit<T, TTo>(this Result<T, FsError> result, Func<T, TTo> map) =>
        result.TryGet(out var value, out var error) ? Result<TTo, ErrorCode>.Ok(map(value)) : Result<TTo, ErrorCode>.Err(error.ToWit());

    public static Bindings.Wasi.Filesystem.Types.DescriptorStat ToWit(Wasi.Filesystem.DescriptorStat stat) => new(
        (Bindings.Wasi.Filesystem.Types.DescriptorType)stat.Type,
        stat.LinkCount,
        stat.Size,
        ToWit(stat.AccessTime),
        ToWit(stat.ModificationTime),
        ToWit(stat.StatusChangeTime));

    public static Wasi.Filesystem.NewTimestamp FromWit(Bindings.Wasi.Filesystem.Types.NewTimestamp time) =>
        time is not Bindings.Wasi.Filesystem.Types.NewTimestamp.Timestamp { Value: var value } ? new((NewTimestampKind)time.Discriminant())
        : value.Seconds > long.MaxValue ? new(NewTimestampKind.OutOfRange)
        : new(NewTimestampKind.Timestamp, new Wasi.Clocks.Datetime((long)value.Seconds, value.Nanoseconds));

    private static Bindings.Wasi.Clocks.WallClock.Datetime? ToWit(Wasi.Clocks.Datetime? time) => time is { Seconds: >= 0 } value ? P2Host.ToWit(value) : null;
}
