using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using System.Text;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>Turns native errors and traps into exceptions, and releases them.</summary>
internal static unsafe class NativeFailure
{
    // What Wasmtime says when the pool, a store's limits or the machine's memory are exhausted; it has no codes for these.
    private static readonly string[] ResourceMessages =
    [
        "maximum concurrent",
        "resource limit exceeded",
        "exceeds memory limits",
        "exceeds table limits",
        "Cannot allocate memory",
    ];

    /// <summary>The message of an error, which is released.</summary>
    public static string TakeMessage(nint error)
    {
        NativeBytes message;
        Native.wasmtime_error_message(error, &message);
        var text = Encoding.UTF8.GetString(message.Span);
        Native.wasm_byte_vec_delete(&message);
        Native.wasmtime_error_delete(error);
        return text;
    }

    /// <summary>The exception for a failed call or instantiation. Exactly one of error and trap is not zero; it is released.</summary>
    /// <param name="context">The store's context.</param>
    /// <param name="guards">The store's guards, if it is stopped by them.</param>
    /// <param name="pending">What a host function threw on the way, if it did.</param>
    /// <param name="error">A native error.</param>
    /// <param name="trap">A native trap.</param>
    public static void Throw(nint context, GuardPages? guards, Exception? pending, nint error, nint trap)
    {
        var frames = ReadFrames(guards, error, trap, out var atCheck);
        if (pending is not null)
        {
            Release(error, trap);
            if (pending is TrapException inner)
            {
                inner.AppendFrames(context, frames);
                ExceptionDispatchInfo.Throw(inner);
            }
            if (pending is UnwindException)
                ExceptionDispatchInfo.Throw(pending);
            var wrapped = pending is InsufficientExecutionStackException
                ? new TrapException(TrapKind.StackOverflow, "Guests and host functions called each other too deep.", pending)
                : new TrapException(TrapKind.Host, pending);
            wrapped.AppendFrames(context, frames);
            throw wrapped;
        }
        var exception = trap != 0 ? FromTrap(context, trap, atCheck ? guards : null) : FromError(error, frames.IsEmpty);
        (exception as TrapException)?.AppendFrames(context, frames);
        throw exception;
    }

    // Given guards, the innermost instruction is a check: it can only have met its page.
    private static TrapException FromTrap(nint context, nint trap, GuardPages? guards)
    {
        byte code;
        var hasCode = Native.wasmtime_trap_code(trap, &code) != 0;
        if (guards is not null && hasCode && code == (byte)TrapKind.MemoryOutOfBounds)
        {
            Native.wasm_trap_delete(trap);
            return guards.Reason();
        }
        var message = hasCode ? Describe((TrapKind)code) : TrapMessage(trap);
        Native.wasm_trap_delete(trap);
        if (hasCode)
            return new TrapException(Enum.IsDefined((TrapKind)code) ? (TrapKind)code : TrapKind.Other, message);
        // Not a trap but an exception of the guest, which the store keeps for a host that wants to look at it.
        NativeReference exception;
        if (Native.wasmtime_context_take_exception(context, &exception) == 0)
            return new TrapException(TrapKind.Other, message);
        Native.wasmtime_exnref_unroot(&exception);
        return new TrapException(TrapKind.UncaughtException, Describe(TrapKind.UncaughtException));
    }

    private static Exception FromError(nint error, bool outsideOfGuest)
    {
        int status;
        if (Native.wasmtime_error_exit_status(error, &status) != 0)
        {
            Native.wasmtime_error_delete(error);
            return new GuestExitException(status);
        }
        var message = TakeMessage(error);
        if (!outsideOfGuest)
            return new TrapException(TrapKind.Other, FirstCause(message));
        if (Array.Exists(ResourceMessages, m => message.Contains(m, StringComparison.Ordinal)))
            return new ResourceLimitException(message);
        return new ModuleLinkException(message);
    }

    // "error while executing at wasm backtrace: … Caused by: X": the backtrace is in Frames, so the cause is the news.
    private static string FirstCause(string message)
    {
        const string Marker = "Caused by:";
        var at = message.IndexOf(Marker, StringComparison.Ordinal);
        return at < 0 ? message : message[(at + Marker.Length)..].Trim();
    }

    private static string TrapMessage(nint trap)
    {
        NativeBytes message;
        Native.wasm_trap_message(trap, &message);
        var text = Encoding.UTF8.GetString(message.Span).TrimEnd('\0');
        Native.wasm_byte_vec_delete(&message);
        return text;
    }

    private static void Release(nint error, nint trap)
    {
        if (error != 0)
            Native.wasmtime_error_delete(error);
        if (trap != 0)
            Native.wasm_trap_delete(trap);
    }

    private static ImmutableArray<WasmFrame> ReadFrames(GuardPages? guards, nint error, nint trap, out bool atCheck)
    {
        atCheck = false;
        NativePointers frames;
        if (trap != 0)
            Native.wasm_trap_trace(trap, &frames);
        else
            Native.wasmtime_error_wasm_trace(error, &frames);
        var result = ImmutableArray.CreateBuilder<WasmFrame>((int)frames.Size);
        foreach (var frame in frames.Span)
        {
            var item = new WasmFrame(
                Native.wasm_frame_func_index(frame),
                Text(Native.wasmtime_frame_func_name(frame)),
                Text(Native.wasmtime_frame_module_name(frame)),
                unchecked((long)Native.wasm_frame_module_offset(frame)),
                unchecked((long)Native.wasm_frame_func_offset(frame)));
            if (guards?.Find(item.ModuleName) is { } code)
            {
                item = code.Translate(item, out var isCheck);
                atCheck |= isCheck && result.Count == 0;
            }
            result.Add(item);
        }
        Native.wasm_frame_vec_delete(&frames);
        return result.DrainToImmutable();
    }

    private static string? Text(NativeBytes* bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes->Span);

    private static string Describe(TrapKind kind) => kind switch
    {
        TrapKind.StackOverflow => "The guest's call stack is exhausted.",
        TrapKind.MemoryOutOfBounds => "Out-of-bounds access of a linear memory.",
        TrapKind.HeapMisaligned => "Misaligned atomic memory access.",
        TrapKind.TableOutOfBounds => "Out-of-bounds access of a table (undefined element).",
        TrapKind.IndirectCallToNull => "Indirect call to a null table entry (uninitialized element).",
        TrapKind.BadSignature => "Indirect call to a function of another type.",
        TrapKind.IntegerOverflow => "Integer overflow.",
        TrapKind.IntegerDivisionByZero => "Integer division by zero.",
        TrapKind.BadConversionToInteger => "Invalid conversion of a float to an integer.",
        TrapKind.Unreachable => "The 'unreachable' instruction was executed.",
        TrapKind.Interrupt => "The guest ran past its deadline.",
        TrapKind.OutOfFuel => "The guest used up its fuel.",
        TrapKind.AtomicWaitOnUnsharedMemory => "Atomic wait on a memory that is not shared.",
        TrapKind.NullReference => "Use of a null reference.",
        TrapKind.ArrayOutOfBounds => "Out-of-bounds access of an array.",
        TrapKind.AllocationTooLarge => "Allocation of an object that is too large.",
        TrapKind.CastFailure => "Cast of a reference to a type that it is not.",
        TrapKind.UncaughtException => "The guest threw an exception that it does not catch.",
        _ => $"Trap {(int)kind}.",
    };
}
