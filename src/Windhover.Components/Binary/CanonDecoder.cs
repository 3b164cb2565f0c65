using Windhover.Components.Types;

namespace Windhover.Components.Binary;

/// <summary>Canonical definitions: Binary.md, "Canonical Definitions".</summary>
internal static class CanonDecoder
{
    public static CanonDef Definition(ref BinaryCursor c)
    {
        var offset = c.Position;
        return new CanonDef(Expr(ref c)) { Offset = offset };
    }

    private static CanonExpr Expr(ref BinaryCursor c)
    {
        var offset = c.Position;
        var code = c.U8("a canonical definition");
        switch (code)
        {
            case 0x00:
                c.Expect(0, "the sort of a lifted function");
                return new CanonExpr.Lift(c.Index("a core function index"), Options(ref c), TypeIndex(ref c));
            case 0x01:
                c.Expect(0, "the sort of a lowered function");
                return new CanonExpr.Lower(c.Index("a function index"), Options(ref c));
            case 0x02: return new CanonExpr.ResourceNew(TypeIndex(ref c));
            case 0x03: return new CanonExpr.ResourceDrop(TypeIndex(ref c));
            case 0x04: return new CanonExpr.ResourceRep(TypeIndex(ref c));
            case 0x24: return new CanonExpr.BackpressureInc();
            case 0x25: return new CanonExpr.BackpressureDec();
            case 0x09: return new CanonExpr.TaskReturn(TypeDecoder.ResultList(ref c), Options(ref c));
            case 0x05: return new CanonExpr.TaskCancel();
            case 0x0a: return new CanonExpr.ContextGet(ContextType(ref c), c.Index("a context slot"));
            case 0x0b: return new CanonExpr.ContextSet(ContextType(ref c), c.Index("a context slot"));
            case 0x06: return new CanonExpr.SubtaskCancel(Async(ref c));
            case 0x0d: return new CanonExpr.SubtaskDrop();
            case 0x0e: return new CanonExpr.StreamNew(TypeIndex(ref c));
            case 0x0f: return new CanonExpr.StreamRead(TypeIndex(ref c), Options(ref c));
            case 0x10: return new CanonExpr.StreamWrite(TypeIndex(ref c), Options(ref c));
            case 0x11: return new CanonExpr.StreamCancelRead(TypeIndex(ref c), Async(ref c));
            case 0x12: return new CanonExpr.StreamCancelWrite(TypeIndex(ref c), Async(ref c));
            case 0x13: return new CanonExpr.StreamDropReadable(TypeIndex(ref c));
            case 0x14: return new CanonExpr.StreamDropWritable(TypeIndex(ref c));
            case 0x15: return new CanonExpr.FutureNew(TypeIndex(ref c));
            case 0x16: return new CanonExpr.FutureRead(TypeIndex(ref c), Options(ref c));
            case 0x17: return new CanonExpr.FutureWrite(TypeIndex(ref c), Options(ref c));
            case 0x18: return new CanonExpr.FutureCancelRead(TypeIndex(ref c), Async(ref c));
            case 0x19: return new CanonExpr.FutureCancelWrite(TypeIndex(ref c), Async(ref c));
            case 0x1a: return new CanonExpr.FutureDropReadable(TypeIndex(ref c));
            case 0x1b: return new CanonExpr.FutureDropWritable(TypeIndex(ref c));
            case 0x1c: return new CanonExpr.ErrorContextNew(Options(ref c));
            case 0x1d: return new CanonExpr.ErrorContextDebugMessage(Options(ref c));
            case 0x1e: return new CanonExpr.ErrorContextDrop();
            case 0x1f: return new CanonExpr.WaitableSetNew();
            case 0x20: return new CanonExpr.WaitableSetWait(Cancellable(ref c), MemoryIndex(ref c));
            case 0x21: return new CanonExpr.WaitableSetPoll(Cancellable(ref c), MemoryIndex(ref c));
            case 0x22: return new CanonExpr.WaitableSetDrop();
            case 0x23: return new CanonExpr.WaitableJoin();
            case 0x26: return new CanonExpr.ThreadIndex();
            case 0x27: return new CanonExpr.ThreadNewIndirect(CoreTypeIndex(ref c), TableIndex(ref c));
            case 0x28: return new CanonExpr.ThreadResumeLater();
            case 0x29: return new CanonExpr.ThreadSuspend(Cancellable(ref c));
            case 0x0c: return new CanonExpr.ThreadYield(Cancellable(ref c));
            case 0x2a: return new CanonExpr.ThreadSuspendThenResume(Cancellable(ref c));
            case 0x2b: return new CanonExpr.ThreadYieldThenResume(Cancellable(ref c));
            case 0x2c: return new CanonExpr.ThreadSuspendThenPromote(Cancellable(ref c));
            case 0x2d: return new CanonExpr.ThreadYieldThenPromote(Cancellable(ref c));
            case 0x40: return new CanonExpr.ThreadSpawnRef(Shared(ref c), CoreTypeIndex(ref c));
            case 0x41: return new CanonExpr.ThreadSpawnIndirect(Shared(ref c), CoreTypeIndex(ref c), TableIndex(ref c));
            case 0x42: return new CanonExpr.ThreadAvailableParallelism(Shared(ref c));
            default: throw c.FailAt(offset, $"unknown canonical definition 0x{code:x2}");
        }
    }

    private static CanonOptions Options(ref BinaryCursor c)
    {
        var entries = c.Vector("canonical options", Option);
        if (entries.Count == 0)
            return CanonOptions.None;
        var options = new CanonOptions();
        var seen = 0;
        foreach (var (at, code, index) in entries)
        {
            // The three encodings exclude each other, so they share one bit.
            var bit = 1 << Math.Max(code, (byte)2);
            if ((seen & bit) != 0)
                throw c.FailAt(at, $"canonical option {OptionNames[code]} conflicts with an earlier one");
            seen |= bit;
            options = code switch
            {
                <= 2 => options with { Encoding = (StringEncoding)code },
                3 => options with { Memory = index },
                4 => options with { Realloc = index },
                5 => options with { PostReturn = index },
                6 => options with { Async = true },
                _ => options with { Callback = index },
            };
        }

        return options;
    }

    private static readonly string[] OptionNames =
        ["string-encoding=utf8", "string-encoding=utf16", "string-encoding=latin1+utf16", "memory", "realloc", "post-return", "async", "callback"];

    private static (int At, byte Code, int Index) Option(ref BinaryCursor c)
    {
        var offset = c.Position;
        var code = c.U8("a canonical option");
        return code switch
        {
            0 or 1 or 2 or 6 => (offset, code, 0),
            3 or 4 or 5 or 7 => (offset, code, c.Index("the index of a canonical option")),
            _ => throw c.FailAt(offset, $"unknown canonical option 0x{code:x2}"),
        };
    }

    private static CoreValueType ContextType(ref BinaryCursor c)
    {
        var offset = c.Position;
        var code = c.U8("the type of a context slot");
        return code is 0x7e or 0x7f ? (CoreValueType)code : throw c.FailAt(offset, $"a context slot cannot hold core type 0x{code:x2}");
    }

    private static int TypeIndex(ref BinaryCursor c) => c.Index("a type index");

    private static int CoreTypeIndex(ref BinaryCursor c) => c.Index("a core type index");

    private static int MemoryIndex(ref BinaryCursor c) => c.Index("a core memory index");

    private static int TableIndex(ref BinaryCursor c) => c.Index("a core table index");

    private static bool Async(ref BinaryCursor c) => c.Flag("the async immediate");

    private static bool Cancellable(ref BinaryCursor c) => c.Flag("the cancellable immediate");

    private static bool Shared(ref BinaryCursor c) => c.Flag("the shared immediate");
}
