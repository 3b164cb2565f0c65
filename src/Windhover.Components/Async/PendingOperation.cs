using Windhover.Components.Abi;
using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Components.Async;

/// <summary>A host operation that was not done at once: its subtask, resolved in a turn of the component when the host is done.</summary>
internal sealed class PendingOperation
{
    private readonly ComponentInstance _root;
    private readonly CanonicalOptions _options;
    private readonly HostOperation _operation;
    private readonly CancellationTokenSource _cancellation;
    private readonly RawValue[] _values;
    private readonly Subtask _subtask = new();

    public PendingOperation(
        ComponentInstance root, CanonicalOptions options, HostOperation operation, CancellationTokenSource cancellation, ref HostCall call)
    {
        _root = root;
        _options = options;
        _operation = operation;
        _cancellation = cancellation;
        _values = call.Values.ToArray();
        if (_values.Length == 0)
            _values = new RawValue[1];
        for (int i = 0; i < call.Context.Lends.Count; i++)
            _subtask.AddLender(call.Context.Guest.Handles, call.Context.Lends[i]);
    }

    public void Begin()
    {
        _subtask.Started();
        _subtask.OnCancel = _cancellation.Cancel;
        Scheduler scheduler = _root.Scheduler;
        scheduler.BeginOutside();
        _operation.Completion.ContinueWith(
            (_, state) => ((PendingOperation)state!)._root.Scheduler.EndOutside(((PendingOperation)state)!.Complete),
            this,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private void Complete()
    {
        _cancellation.Dispose();
        if (_operation.Completion.IsCanceled && _cancellation.IsCancellationRequested)
        {
            _subtask.Resolve(SubtaskState.CancelledBeforeReturned);
            return;
        }

        if (_operation.Completion.Exception?.InnerException is { } error and not (TrapException or UnwindException))
            throw new TrapException(TrapKind.Host, $"An asynchronous function of the host failed: {error.Message}", error);
        var call = new HostCall(new CanonicalContext(_root, _options), _values);
        _operation.LowerResult(ref call);
        _subtask.Resolve(SubtaskState.Returned);
    }

    public void Finish(Span<RawValue> values)
    {
        if (!_options.IsAsync)
        {
            TaskBuiltins.Block(_root, () => _subtask.IsResolved);
            _subtask.DeliverResolve();
            if (values.Length > 0)
                values[0] = _values[0];
            return;
        }

        _subtask.Handle = _root.Guests[_options.InstanceIndex].Handles.AddObject(_subtask);
        values[0] = (uint)_subtask.State | (_subtask.Handle << 4);
    }
}
