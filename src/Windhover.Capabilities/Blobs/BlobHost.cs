using System.Collections.Frozen;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.Blobs.Bindings.Wasi.Blobstore.Blobstore;
using Windhover.Capabilities.Blobs.Bindings.Wasi.Blobstore.Container;
using Windhover.Capabilities.Blobs.Bindings.Wasi.Blobstore.Types;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;

namespace Windhover.Capabilities.Blobs;

/// <summary>Answers <c>wasi:blobstore</c> for one instance.</summary>
internal sealed class BlobHost(FrozenDictionary<string, ResourceLease<IBlobContainer>> containers, GuestContext guest) : ITypes, IBlobstore
{
    public GuestContext Guest => guest;

    public Result<IContainer, string> CreateContainer(string name) => Try<IContainer>(() =>
    {
        IBlobContainer container = Find(name);
        guest.Wait(container.CreateAsync(guest.Aborted));
        return new ContainerResource(this, name, container);
    });

    public Result<IContainer, string> GetContainer(string name) => Try<IContainer>(() => new ContainerResource(this, name, Existing(name)));

    public Result<Unit, string> DeleteContainer(string name) => TryUnit(() => guest.Wait(Find(name).DeleteAsync(guest.Aborted)));

    public Result<bool, string> ContainerExists(string name) => Try(() => guest.Wait(Find(name).FindAsync(guest.Aborted)) is not null);

    public Result<Unit, string> CopyObject(ObjectId src, ObjectId dest) => TryUnit(() => Copy(src, dest));

    public Result<Unit, string> MoveObject(ObjectId src, ObjectId dest) => TryUnit(() =>
    {
        Copy(src, dest);
        if (src != dest)
            guest.Wait(Find(src.Container).DeleteObjectAsync(src.Object, guest.Aborted));
    });

    public IOutgoingValue OutgoingValueNewOutgoingValue() => new OutgoingValue(this);

    public Result<Unit, string> OutgoingValueFinish(IOutgoingValue @this)
    {
        using var value = (OutgoingValue)@this;
        return TryUnit(value.Commit);
    }

    public Result<ReadOnlyMemory<byte>, string> IncomingValueIncomingValueConsumeSync(IIncomingValue @this)
    {
        using var value = (IncomingValue)@this;
        return Try<ReadOnlyMemory<byte>>(() =>
        {
            if (value.Content.Length > BlobLimits.SyncBytes)
                throw new BackendException($"more than {BlobLimits.SyncBytes >> 20} MiB in one piece: read it as a stream", BackendFailure.Invalid);
            byte[] bytes = new byte[value.Content.Length];
            guest.Wait(value.Content.Stream.ReadExactlyAsync(bytes, guest.Aborted));
            return bytes;
        });
    }

    public Result<IInputStream, string> IncomingValueIncomingValueConsumeAsync(IIncomingValue @this) =>
        Result.Ok<IInputStream>(new BlobInputStream(((IncomingValue)@this).Take(), guest));

    /// <exception cref="BackendException">It is not granted.</exception>
    public IBlobContainer Find(string name) => containers.TryGetValue(name, out ResourceLease<IBlobContainer>? container)
        ? container.Value
        : throw new BackendException($"access denied: the container `{name}` is not granted to this component");

    internal static Result<T, string> Try<T>(Func<T> action)
    {
        try
        {
            return Result<T, string>.Ok(action());
        }
        catch (BackendException failure)
        {
            return Result<T, string>.Err(failure.Message);
        }
        catch (IOException failure)
        {
            return Result<T, string>.Err(failure.Message);
        }
    }

    internal static Result<Unit, string> TryUnit(Action action) => Try<Unit>(() =>
    {
        action();
        return default;
    });

    private IBlobContainer Existing(string name)
    {
        IBlobContainer container = Find(name);
        return guest.Wait(container.FindAsync(guest.Aborted)) is null ? throw new BackendException($"there is no container `{name}`") : container;
    }

    private void Copy(ObjectId src, ObjectId dest)
    {
        IBlobContainer target = Find(dest.Container);
        BlobContent content = guest.Wait(Find(src.Container).OpenAsync(src.Object, 0, long.MaxValue, guest.Aborted))
            ?? throw new BackendException($"there is no object `{src.Object}`");
        using Stream stream = content.Stream;
        guest.Wait(target.WriteAsync(dest.Object, stream, guest.Aborted));
    }
}

/// <summary>An object to be: written by the guest, and kept wherever <c>write-data</c> named it, when it is finished.</summary>
internal sealed class OutgoingValue(BlobHost host) : IOutgoingValue
{
    private readonly List<(IBlobContainer Container, string Name)> _targets = [];
    private BlobOutputStream? _body;

    public Result<IOutputStream, Unit> OutgoingValueWriteBody()
    {
        if (_body is not null)
            return Result<IOutputStream, Unit>.Err(default);
        return Result.Ok<IOutputStream>(_body = new BlobOutputStream(host.Guest));
    }

    public void AddTarget(IBlobContainer container, string name)
    {
        BlobLimits.Check(name);
        if (_targets.Count >= 16)
            throw new BackendException("one value is written to more than 16 objects", BackendFailure.Invalid);
        _targets.Add((container, name));
    }

    public void Commit()
    {
        if (_body is { IsTooLong: true })
            throw new BackendException("the value could not be taken whole", BackendFailure.Invalid);
        foreach ((IBlobContainer container, string name) in _targets)
            host.Guest.Wait(container.WriteAsync(name, _body?.Content ?? Stream.Null, host.Guest.Aborted));
    }

    public void Dispose() => _body?.End();
}

/// <summary>Bytes of an object that a guest has not consumed yet.</summary>
internal sealed class IncomingValue(BlobContent content) : IIncomingValue
{
    private BlobContent? _content = content;

    public BlobContent Content => _content!;

    public ulong Size() => (ulong)_content!.Length;

    /// <summary>Hands the bytes to another owner.</summary>
    public BlobContent Take()
    {
        BlobContent taken = _content!;
        _content = null;
        return taken;
    }

    public void Dispose() => _content?.Stream.Dispose();
}
