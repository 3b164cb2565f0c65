using Windhover.Hosting.Watching;

namespace Windhover.Apps.Services;

// Which apps stand above a request that came from another app of the server, or from another component of a Spin application. A call into an app, or a component, that is
// in the chain already would let two call each other for ever, and is refused; the depth bounds what is left.
//
// The run of a watcher stands below whoever made the change (Before counts those), so that watchers who feed each other come to an end. But nobody above waits for it: the apps
// that it calls are no circle.
internal sealed record CallChain(string App, string Component, CallChain? Caller) : ICallOrigin
{
    public const int MaxDepth = 8;

    /// <summary>The watcher that this is the run of; null: it is something else.</summary>
    public string? Watcher { get; init; }

    /// <summary>How many stand above the first of this chain.</summary>
    public int Before { get; init; }

    public int Depth => (Caller?.Depth ?? Before) + 1;

    /// <inheritdoc/>
    public ChangeOrigin Origin => new(Root.Watcher, Depth);

    private CallChain Root => Caller?.Root ?? this;

    public bool Contains(string app)
    {
        for (CallChain? at = this; at is not null; at = at.Caller)
        {
            if (at.App == app)
                return true;
        }

        return false;
    }

    public bool Contains(string app, string component)
    {
        for (CallChain? at = this; at is not null; at = at.Caller)
        {
            if (at.App == app && string.Equals(at.Component, component, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    // An app that follows itself was called by a component of its own.
    public override string ToString() => Caller is null ? App : Caller.App == App ? $"{Caller} → {App}/{Component}" : $"{Caller} → {App}";
}
