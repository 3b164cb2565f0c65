using Windhover.Capabilities.Backends;
using Windhover.Capabilities.Blobs.Bindings.Wasi.Blobstore.Container;
using Windhover.Capabilities.Blobs.Bindings.Wasi.Blobstore.Types;

namespace Windhover.Capabilities.Blobs;

/// <summary>A container as a guest holds it.</summary>
internal sealed class ContainerResource(BlobHost host, string name, IBlobContainer container) : IContainer
{
    private GuestContext Guest => host.Guest;

    public Result<string, string> Name() => Result<string, string>.Ok(name);

    public Result<ContainerMetadata, string> Info() => BlobHost.Try(() => new ContainerMetadata(
        name, Seconds(Guest.Wait(container.FindAsync(Guest.Aborted)) ?? throw new BackendException($"there is no container `{name}`"))));

    public Result<IIncomingValue, string> GetData(string name, ulong start, ulong end) => BlobHost.Try<IIncomingValue>(() => new IncomingValue(
        Guest.Wait(container.OpenAsync(name, (long)Math.Min(start, long.MaxValue), (long)Math.Min(end, long.MaxValue), Guest.Aborted)) ?? throw Missing(name)));

    public Result<Unit, string> WriteData(string name, IOutgoingValue data) => BlobHost.TryUnit(() => ((OutgoingValue)data).AddTarget(container, name));

    public Result<IStreamObjectNames, string> ListObjects() => Result.Ok<IStreamObjectNames>(new Names(this));

    public Result<Unit, string> DeleteObject(string name) => BlobHost.TryUnit(() => Guest.Wait(container.DeleteObjectAsync(name, Guest.Aborted)));

    public Result<Unit, string> DeleteObjects(string[] names) => BlobHost.TryUnit(() =>
    {
        if (names.Length > BlobLimits.NamesPerCall)
            throw new BackendException($"one call names more than {BlobLimits.NamesPerCall} objects", BackendFailure.Invalid);
        foreach (string each in names)
            Guest.Wait(container.DeleteObjectAsync(each, Guest.Aborted));
    });

    public Result<bool, string> HasObject(string name) => BlobHost.Try(() => Guest.Wait(container.FindObjectAsync(name, Guest.Aborted)) is not null);

    public Result<ObjectMetadata, string> ObjectInfo(string name) => BlobHost.Try(() =>
    {
        BlobInfo info = Guest.Wait(container.FindObjectAsync(name, Guest.Aborted)) ?? throw Missing(name);
        return new ObjectMetadata(name, this.Name().Value, Seconds(info.CreatedAt), (ulong)info.Size);
    });

    public Result<Unit, string> Clear() => BlobHost.TryUnit(() =>
    {
        while (true)
        {
            (IReadOnlyList<string> names, string? cursor) = Guest.Wait(container.ListAsync(null, Guest.Aborted));
            foreach (string each in names)
                Guest.Wait(container.DeleteObjectAsync(each, Guest.Aborted));
            if (cursor is null)
                return;
        }
    });

    public void Dispose()
    {
    }

    private static BackendException Missing(string name) => new($"there is no object `{name}`");

    private static ulong Seconds(DateTimeOffset time) => (ulong)Math.Max(0, time.ToUnixTimeSeconds());

    /// <summary>A walk through the names, a page in memory.</summary>
    private sealed class Names(ContainerResource owner) : IStreamObjectNames
    {
        private readonly Queue<string> _page = new();
        private string? _cursor;
        private bool _isLast;

        public Result<(IReadOnlyList<string>, bool), string> ReadStreamObjectNames(ulong len) => BlobHost.Try<(IReadOnlyList<string>, bool)>(() =>
        {
            var names = new List<string>();
            while ((ulong)names.Count < Math.Min(len, 1000) && Next() is { } name)
                names.Add(name);
            return (names, IsAtEnd);
        });

        public Result<(ulong, bool), string> SkipStreamObjectNames(ulong num) => BlobHost.Try(() =>
        {
            ulong skipped = 0;
            while (skipped < num && Next() is not null)
                skipped++;
            return (skipped, IsAtEnd);
        });

        public void Dispose()
        {
        }

        private bool IsAtEnd => _isLast && _page.Count == 0;

        private string? Next()
        {
            while (_page.Count == 0 && !_isLast)
            {
                (IReadOnlyList<string> names, _cursor) = owner.Guest.Wait(owner.Container.ListAsync(_cursor, owner.Guest.Aborted));
                foreach (string name in names)
                    _page.Enqueue(name);
                _isLast = _cursor is null;
            }

            return _page.TryDequeue(out string? next) ? next : null;
        }
    }

    private IBlobContainer Container => container;
}
