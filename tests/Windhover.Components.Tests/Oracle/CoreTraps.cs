using Windhover.Engine;

namespace Windhover.Components.Tests.Oracle;

/// <summary>The traps of core WebAssembly by name, out of Wasmtime's messages: its component API gives no codes.</summary>
internal static class CoreTraps
{
    private static readonly (string Message, TrapKind Kind)[] Messages =
    [
        ("call stack exhausted", TrapKind.StackOverflow),
        ("out of bounds memory access", TrapKind.MemoryOutOfBounds),
        ("undefined element: out of bounds table access", TrapKind.TableOutOfBounds),
        ("uninitialized element", TrapKind.IndirectCallToNull),
        ("indirect call type mismatch", TrapKind.BadSignature),
        ("integer overflow", TrapKind.IntegerOverflow),
        ("integer divide by zero", TrapKind.IntegerDivisionByZero),
        ("invalid conversion to integer", TrapKind.BadConversionToInteger),
        ("wasm `unreachable` instruction executed", TrapKind.Unreachable),
        ("interrupt", TrapKind.Interrupt),
    ];

    /// <summary><see cref="TrapKind.Other"/> for the traps of the component model.</summary>
    public static TrapKind KindOf(string nativeMessage) =>
        Messages.Where(m => nativeMessage.Contains("wasm trap: " + m.Message, StringComparison.Ordinal)).Select(m => m.Kind).FirstOrDefault(TrapKind.Other);
}
