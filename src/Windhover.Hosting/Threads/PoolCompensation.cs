namespace Windhover.Hosting.Threads;

/// <summary>
/// One more thread for the pool while one of its threads is held by a waiting guest: the first wait of an app happens on a pool thread (see
/// <see cref="BlockingHistory"/>), and no work of the server may stand behind it.
/// </summary>
internal static class PoolCompensation
{
    private const int MaxExtra = 256;

    private static readonly Lock s_lock = new();
    private static int s_extra;

    public static void Enter() => Add(1);

    public static void Leave() => Add(-1);

    private static void Add(int change)
    {
        lock (s_lock)
        {
            int before = Math.Min(s_extra, MaxExtra);
            s_extra += change;
            int difference = Math.Min(s_extra, MaxExtra) - before;
            if (difference == 0)
                return;
            ThreadPool.GetMinThreads(out int workers, out int ports);
            ThreadPool.SetMinThreads(Math.Max(1, workers + difference), ports);
        }
    }
}
