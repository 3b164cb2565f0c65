using Windhover.Hosting.Threads;

namespace Windhover.Apps.Runtime;

/// <summary>A guest's run on a thread that it may block.</summary>
internal sealed class GuestWork<T> : IGuestWork
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<T> _run;

    private GuestWork(Func<T> run) => _run = run;

    /// <exception cref="ServerBusyException">As many wait as may.</exception>
    public static Task<T> RunAsync(GuestThreads threads, Func<T> run)
    {
        var work = new GuestWork<T>(run);
        return threads.Queue(work) ? work._done.Task : Task.FromException<T>(new ServerBusyException());
    }

    void IGuestWork.Run()
    {
        try
        {
            _done.SetResult(_run());
        }
        catch (Exception error)
        {
            _done.SetException(error);
        }
    }
}
