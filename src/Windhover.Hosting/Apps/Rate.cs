namespace Windhover.Hosting.Apps;

/// <summary>So many in a second; what is not used is saved up for one second. Thread-safe.</summary>
internal sealed class Rate
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly double _perSecond;
    private double _tokens;
    private long _filled;
    private long _dropped;

    public Rate(TimeProvider time, double perSecond)
    {
        _time = time;
        _perSecond = _tokens = perSecond;
        _filled = time.GetTimestamp();
    }

    /// <summary>Takes one.</summary>
    /// <param name="dropped">How many could not be had since the last that could.</param>
    public bool TryTake(out long dropped)
    {
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            _tokens = Math.Min(_perSecond, _tokens + (_time.GetElapsedTime(_filled, now).TotalSeconds * _perSecond));
            _filled = now;
            if (_tokens < 1)
            {
                _dropped++;
                dropped = 0;
                return false;
            }

            _tokens--;
            dropped = _dropped;
            _dropped = 0;
            return true;
        }
    }
}
