namespace Windhover.Apps.Services;

// Which apps stand above a request that came from another app of the server. A call into an app that is in the chain already would let two apps call each other
// for ever, and is refused; the depth bounds what is left.
internal sealed record CallChain(string App, CallChain? Caller)
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

    public override string ToString() => Caller is null ? App : $"{Caller} → {App}";
}
