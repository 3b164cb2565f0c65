using System.Globalization;

namespace Windhover.Engine;

/// <summary>One frame of a guest's backtrace, innermost first in <see cref="TrapException.Frames"/>.</summary>
/// <param name="FunctionIndex">Index of the function in its module's index space (imports first).</param>
/// <param name="FunctionName">Name from the module's name section, as the guest's compiler wrote it; null without one.</param>
/// <param name="ModuleName">Name of the module from the same section; null without one.</param>
/// <param name="ModuleOffset">Byte offset of the instruction in the module's binary, as <c>wasm-objdump</c> prints it; −1 when unknown.</param>
/// <param name="FunctionOffset">Byte offset of the instruction from the start of the function's body; −1 when unknown.</param>
public sealed record WasmFrame(uint FunctionIndex, string? FunctionName, string? ModuleName, long ModuleOffset, long FunctionOffset)
{
    /// <summary>The frame as <c>0x1a4 - module!function</c>. The names are the guest's own: what a terminal would obey in them is written out.</summary>
    public override string ToString()
    {
        var offset = ModuleOffset < 0 ? "<unknown>" : "0x" + ModuleOffset.ToString("x", CultureInfo.InvariantCulture);
        var function = FunctionName ?? string.Create(CultureInfo.InvariantCulture, $"<function {FunctionIndex}>");
        return $"{offset} - {ReadableText.Of(ModuleName ?? "<module>")}!{ReadableText.Of(function)}";
    }
}
