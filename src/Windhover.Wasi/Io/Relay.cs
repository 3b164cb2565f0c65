namespace Windhover.Wasi.Io;

/// <summary>Passes the wake-ups of one source on to another that stands for it.</summary>
internal sealed class Relay(ReadinessSource inner, ReadinessSource outer) : Waiter
{
    private bool _added;

    /// <summary>To be called from the outer source's <see cref="ReadinessSource.Arm"/>.</summary>
    public void Arm()
    {
        if (!_added)
        {
            _added = true;
            inner.AddWaiter(this);
        }
        inner.Arm();
    }

    /// <summary>Ends the passing on.</summary>
    public void Stop()
    {
        if (!_added)
            return;
        _added = false;
        inner.RemoveWaiter(this);
    }

    /// <inheritdoc/>
    public override void Wake() => outer.SignalReady();
}
