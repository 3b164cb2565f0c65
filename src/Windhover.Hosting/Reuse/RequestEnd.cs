namespace Windhover.Hosting.Reuse;

/// <summary>
/// What ends a request before its answer: its time, or the client. A token source, used again for the thread's next request unless it has fired: making one, with a timer and
/// a link to the client's, costs more than the guest's own work in a short request.
/// </summary>
internal sealed class RequestEnd : IDisposable
{
    [ThreadStatic]
    private static RequestEnd? t_spare;

    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _source;

    private RequestEnd(TimeProvider time)
    {
        _time = time;
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>The time ran out, whoever else has left meanwhile.</summary>
    public bool TimedOut { get; private set; }

    public static RequestEnd Rent(TimeProvider time)
    {
        RequestEnd? spare = t_spare;
        if (spare is null || !ReferenceEquals(spare._time, time))
            return new RequestEnd(time);
        t_spare = null;
        return spare;
    }

    /// <summary>Waits for the request, and ends it when its time is over or the client gone.</summary>
    /// <param name="handled">The request.</param>
    /// <param name="wall">How long it may take in all.</param>
    /// <param name="started">When it came: it may have waited in line.</param>
    /// <param name="client">Fires when the client leaves.</param>
    public async Task WhileAsync(Task handled, TimeSpan wall, long started, CancellationToken client)
    {
        if (wall != Timeout.InfiniteTimeSpan)
        {
            TimeSpan left = wall - _time.GetElapsedTime(started);
            _source.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        using (client.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _source))
        {
            try
            {
                await handled.ConfigureAwait(false);
            }
            finally
            {
                // Rounded down, since a timer may fire a little before its time.
                TimedOut = _source.IsCancellationRequested && wall != Timeout.InfiniteTimeSpan
                    && (!client.IsCancellationRequested || _time.GetElapsedTime(started) >= wall - TimeSpan.FromMilliseconds(50));
            }
        }
    }

    /// <summary>The request is over, and nothing of it holds the token: kept for the next one.</summary>
    public void Dispose()
    {
        if (_source.TryReset())
            t_spare = this;
        else
            _source.Dispose();
    }
}
