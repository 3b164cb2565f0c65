using System.Globalization;

namespace Windhover.Wasi.Http;

/// <summary>What outgoing requests and responses have in common: header fields that can no longer change, and at most one content.</summary>
internal abstract partial class OutgoingMessage(WasiContext context, Fields headers, bool isRequest) : IDisposable
{
    private bool _isDisposed;

    /// <summary>The header fields, immutable.</summary>
    public Fields Headers { get; } = headers.Freeze();

    /// <summary>The content that the guest asked for, or null.</summary>
    internal OutgoingBody? Content { get; private set; }

    /// <summary>The guest's store.</summary>
    protected WasiContext Context => context;

    /// <summary>The content; once.</summary>
    public Result<OutgoingBody, Unit> Body()
    {
        if (Content is not null)
            return Result.Err();
        Content = new OutgoingBody(context, DeclaredLength, isRequest);
        return Content;
    }

    /// <summary>The guest drops the message unsent, or its fields have been sent. Its content is a resource of its own.</summary>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _isDisposed, true))
            Headers.Dispose();
    }

    /// <summary>The guest's own <c>content-length</c>; its syntax was checked when it was set.</summary>
    internal long? DeclaredLength =>
        long.TryParse(Headers.Find("content-length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;
}
