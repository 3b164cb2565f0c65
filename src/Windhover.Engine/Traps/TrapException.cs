using System.Collections.Immutable;
using System.Text;

namespace Windhover.Engine;

/// <summary>
/// A guest trapped: it did what WebAssembly forbids, met a budget, or a host function that it called threw. The store stays usable,
/// the guest's own state may be inconsistent: the usual answer is to drop the instance.
/// </summary>
public class TrapException : Exception
{
    private ImmutableArray<WasmFrame> _frames = [];
    private ImmutableArray<nint> _stores = [];

    /// <summary>Makes one. A host function may throw it to end its guest with that kind.</summary>
    public TrapException(TrapKind kind, string message, Exception? innerException = null) : base(message, innerException) => Kind = kind;

    /// <summary>Makes one for an exception of a host function.</summary>
    public TrapException(TrapKind kind, Exception innerException)
        : this(kind, $"A host function failed: {innerException.Message}", innerException)
    {
    }

    /// <summary>Why the guest stopped.</summary>
    public TrapKind Kind { get; }

    /// <summary>The guest's frames, innermost first, at most 20 of a store. Where guests of several stores
    /// were on the stack, the inner store's come first.</summary>
    public IReadOnlyList<WasmFrame> Frames => _frames;

    /// <summary>The message, and the guest's backtrace below it when there is one.</summary>
    public override string Message
    {
        get
        {
            if (_frames.IsEmpty)
                return base.Message;
            var text = new StringBuilder(base.Message).Append("\nwasm backtrace:");
            for (var i = 0; i < _frames.Length; i++)
                text.Append("\n  ").Append(i).Append(": ").Append(_frames[i]);
            return text.ToString();
        }
    }

    /// <summary>
    /// Adds the frames of a guest through which the exception passes. Each backtrace holds all frames that its store has on the thread,
    /// so those of a store are taken once, from the innermost call.
    /// </summary>
    internal void AppendFrames(nint store, ImmutableArray<WasmFrame> frames)
    {
        if (_stores.Contains(store))
            return;
        _stores = _stores.Add(store);
        _frames = _frames.AddRange(frames);
    }
}
