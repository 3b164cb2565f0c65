using Windhover.Components.Types;

namespace Windhover.Components.Binary;

/// <summary>How strings are encoded in linear memory. Utf8 is the default.</summary>
internal enum StringEncoding : byte
{
    Utf8 = 0,
    Utf16 = 1,

    /// <summary>Latin-1, or UTF-16 when the top bit of the length is set.</summary>
    Latin1Utf16 = 2,
}

/// <summary>The options of a canonical definition; an index is null when the option is absent. Never given twice.</summary>
internal sealed record CanonOptions
{
    public static CanonOptions None { get; } = new();

    public StringEncoding Encoding { get; init; } = StringEncoding.Utf8;

    /// <summary>Core memory index.</summary>
    public int? Memory { get; init; }

    /// <summary>Core function index.</summary>
    public int? Realloc { get; init; }

    /// <summary>Core function index.</summary>
    public int? PostReturn { get; init; }

    public bool Async { get; init; }

    /// <summary>Core function index.</summary>
    public int? Callback { get; init; }
}

/// <summary>
/// A canonical definition: Binary.md, <c>canon</c>. Every one but <see cref="Lift"/> defines a core function, Lift a component function.
/// </summary>
internal abstract record CanonExpr
{
    internal sealed record Lift(int CoreFunc, CanonOptions Options, int Type) : CanonExpr;

    internal sealed record Lower(int Func, CanonOptions Options) : CanonExpr;

    internal sealed record ResourceNew(int Type) : CanonExpr;

    internal sealed record ResourceDrop(int Type) : CanonExpr;

    internal sealed record ResourceRep(int Type) : CanonExpr;

    internal sealed record BackpressureInc : CanonExpr;

    internal sealed record BackpressureDec : CanonExpr;

    internal sealed record TaskReturn(ValTypeRef? Result, CanonOptions Options) : CanonExpr;

    internal sealed record TaskCancel : CanonExpr;

    internal sealed record ContextGet(CoreValueType Type, int Slot) : CanonExpr;

    internal sealed record ContextSet(CoreValueType Type, int Slot) : CanonExpr;

    internal sealed record SubtaskCancel(bool Async) : CanonExpr;

    internal sealed record SubtaskDrop : CanonExpr;

    internal sealed record StreamNew(int Type) : CanonExpr;

    internal sealed record StreamRead(int Type, CanonOptions Options) : CanonExpr;

    internal sealed record StreamWrite(int Type, CanonOptions Options) : CanonExpr;

    internal sealed record StreamCancelRead(int Type, bool Async) : CanonExpr;

    internal sealed record StreamCancelWrite(int Type, bool Async) : CanonExpr;

    internal sealed record StreamDropReadable(int Type) : CanonExpr;

    internal sealed record StreamDropWritable(int Type) : CanonExpr;

    internal sealed record FutureNew(int Type) : CanonExpr;

    internal sealed record FutureRead(int Type, CanonOptions Options) : CanonExpr;

    internal sealed record FutureWrite(int Type, CanonOptions Options) : CanonExpr;

    internal sealed record FutureCancelRead(int Type, bool Async) : CanonExpr;

    internal sealed record FutureCancelWrite(int Type, bool Async) : CanonExpr;

    internal sealed record FutureDropReadable(int Type) : CanonExpr;

    internal sealed record FutureDropWritable(int Type) : CanonExpr;

    internal sealed record ErrorContextNew(CanonOptions Options) : CanonExpr;

    internal sealed record ErrorContextDebugMessage(CanonOptions Options) : CanonExpr;

    internal sealed record ErrorContextDrop : CanonExpr;

    internal sealed record WaitableSetNew : CanonExpr;

    internal sealed record WaitableSetWait(bool Cancellable, int Memory) : CanonExpr;

    internal sealed record WaitableSetPoll(bool Cancellable, int Memory) : CanonExpr;

    internal sealed record WaitableSetDrop : CanonExpr;

    internal sealed record WaitableJoin : CanonExpr;

    internal sealed record ThreadIndex : CanonExpr;

    internal sealed record ThreadNewIndirect(int CoreType, int Table) : CanonExpr;

    internal sealed record ThreadResumeLater : CanonExpr;

    internal sealed record ThreadSuspend(bool Cancellable) : CanonExpr;

    internal sealed record ThreadYield(bool Cancellable) : CanonExpr;

    internal sealed record ThreadSuspendThenResume(bool Cancellable) : CanonExpr;

    internal sealed record ThreadYieldThenResume(bool Cancellable) : CanonExpr;

    internal sealed record ThreadSuspendThenPromote(bool Cancellable) : CanonExpr;

    internal sealed record ThreadYieldThenPromote(bool Cancellable) : CanonExpr;

    internal sealed record ThreadSpawnRef(bool Shared, int CoreType) : CanonExpr;

    internal sealed record ThreadSpawnIndirect(bool Shared, int CoreType, int Table) : CanonExpr;

    internal sealed record ThreadAvailableParallelism(bool Shared) : CanonExpr;
}
