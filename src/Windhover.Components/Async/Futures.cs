using Windhover.Components.Abi;
using Windhover.Components.Linking;
using Windhover.Components.Types;

namespace Windhover.Components.Async;

/// <summary>
/// The readable end of a <c>future&lt;T&gt;</c> that a guest gave to the host. Read it once or dispose it, which tells the guest that nobody waits; or give it to
/// a guest of the same component as it is.
/// </summary>
public sealed class GuestFuture : IDisposable, IChannelSource, IHostEnd
{
    private readonly ComponentInstance _root;
    private readonly SharedChannel _future;
    private int _state; // 0: the host's, 1: read, dropped or given away

    internal GuestFuture(ComponentInstance root, SharedChannel future)
    {
        _root = root;
        _future = future;
        root.Scheduler.BeginOutside();
    }

    /// <summary>The type of the value; null for a future that only signals.</summary>
    public ValType? Element => _future.Element;

    /// <summary>The value that the guest writes, as a dynamic value; null for a future without one.</summary>
    /// <param name="cancellationToken">Gives up, and drops the end.</param>
    /// <exception cref="InvalidOperationException">It was read, disposed or given away.</exception>
    /// <exception cref="Engine.TrapException">The guest trapped.</exception>
    public async Task<object?> ReadAsync(CancellationToken cancellationToken = default)
    {
        var items = new object?[1];
        await ReadAsync(new HostValues(items), cancellationToken).ConfigureAwait(false);
        return items[0];
    }

    internal ComponentInstance Root => _root;

    internal bool IsReadable => _future.IsReadable;

    internal ValueTask<CopyResult> ReadAsync(CopyBuffer target, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _state, 1) != 0)
            throw new InvalidOperationException("The future was read, disposed or given away.");
        if (!cancellationToken.IsCancellationRequested)
            return HostCopy.RunAsync(_root, _future, target, reads: true, this, cancellationToken);
        _root.Scheduler.EndOutside(_future.Drop);
        return ValueTask.FromCanceled<CopyResult>(cancellationToken);
    }

    // Read or given up: the end goes in the same turn. After the end of the store nothing needs it to.
    void IHostEnd.OnCopied(CopyResult result)
    {
        _root.Scheduler.EndOutsideInTurn();
        _future.Drop();
    }

    /// <summary>Drops the end.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _state, 1) == 0)
            _root.Scheduler.EndOutside(_future.Drop);
    }

    string? IChannelSource.Difference(ValType type) =>
        type is FutureType future && future.Element == Element ? null : $"it is a future<{Element}>";

    SharedChannel IChannelSource.Take(ComponentInstance root, ValType type)
    {
        if (!ReferenceEquals(root, _root))
            throw new InvalidOperationException("The future belongs to another component: read it into a HostFuture.");
        if (Interlocked.Exchange(ref _state, 1) != 0)
            throw new InvalidOperationException("The future was read, disposed or given away.");
        root.Scheduler.EndOutsideInTurn();
        return _future;
    }
}

/// <summary>
/// A <c>future&lt;T&gt;</c> that the host writes and a guest reads. It is an argument or a result, used once. A task that fails or is cancelled traps the guest if
/// it still holds its end, since futures carry no errors.
/// </summary>
/// <param name="value">The value to come, as a dynamic value; null for a future without one.</param>
public sealed class HostFuture(Task<object?> value) : IChannelSource
{
    private int _taken;

    string? IChannelSource.Difference(ValType type) => type is FutureType ? null : "it is a future";

    SharedChannel IChannelSource.Take(ComponentInstance root, ValType type)
    {
        if (Interlocked.Exchange(ref _taken, 1) != 0)
            throw new InvalidOperationException("A HostFuture is passed to a guest once.");
        var shared = new SharedFuture(((FutureType)type).Element);
        Scheduler scheduler = root.Scheduler;
        scheduler.BeginOutside();
        value.ContinueWith(
            _ => scheduler.EndOutside(() => Write(shared)),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return shared;
    }

    private void Write(SharedFuture shared)
    {
        if (shared.IsDropped)
            return;
        if (!value.IsCompletedSuccessfully)
        {
            string reason = value.Exception?.InnerException?.Message ?? "it was cancelled";
            throw new Engine.TrapException(Engine.TrapKind.Host, $"The source of a future failed: {reason}", value.Exception?.InnerException);
        }

        if (shared.Element is { } element && Values.ComponentValues.Difference(element, value.Result) is { } difference)
            throw Traps.Create($"The host's value does not fit `future<{element}>`: {difference}");
        shared.Write(new HostWrite(new HostValues([value.Result]), null));
    }
}

/// <summary>The host's write of a future's value.</summary>
/// <param name="buffer">The value.</param>
/// <param name="owned">Disposed of when the guest does not take it.</param>
internal sealed class HostWrite(CopyBuffer buffer, IDisposable? owned) : CopyOperation
{
    public override GuestInstance? Guest => null;

    public override CopyBuffer Buffer => buffer;

    public override void OnCopy()
    {
    }

    public override void OnDone(CopyResult result)
    {
        if (result != CopyResult.Completed)
            owned?.Dispose();
    }
}
