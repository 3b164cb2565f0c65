using System.Text;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>Turns the text format into a binary: modules and components. For tests, tools and generated adapters.</summary>
public static unsafe class WatCompiler
{
    /// <summary>Compiles <c>(module …)</c> or <c>(component …)</c>.</summary>
    /// <exception cref="InvalidModuleException">The text has an error; the message shows the place. The result is not validated.</exception>
    public static byte[] Compile(string text)
    {
        StackGuard.Ensure(StackGuard.CompilerBytes);
        var source = Encoding.UTF8.GetBytes(text);
        NativeBytes binary;
        nint error;
        fixed (byte* bytes = source)
            error = Native.wasmtime_wat2wasm(bytes, (nuint)source.Length, &binary);
        if (error != 0)
            throw new InvalidModuleException(NativeFailure.TakeMessage(error));
        var result = binary.Span.ToArray();
        Native.wasm_byte_vec_delete(&binary);
        return result;
    }
}
