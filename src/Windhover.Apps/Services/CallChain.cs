namespace Windhover.Apps.Services;

// Which apps stand above a request that came from another app of the server, or from another component of a Spin application. A call into an app, or a component, that is
// in the chain already would let two call each other for ever, and is refused; the depth bounds what is left.
internal sealed record CallChain(string App, string Component, CallChain? Caller)
{
    public const int MaxDepth = 8;

    public int Depth { get; } = (Caller?.Depth ?? 0) + 1;

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
