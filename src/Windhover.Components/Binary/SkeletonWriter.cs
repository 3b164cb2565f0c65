using System.Buffers;

namespace Windhover.Components.Binary;

/// <summary>
/// Rewrites a component so that it can be validated without compiling its code: each core module becomes a stub of the same shape, custom
/// sections go, everything else stays byte for byte.
/// <code>
///   component                      skeleton
///   ├ core module (10 MB)          ├ core module (a few KB, see ModuleStub)
///   ├ custom sections              │
///   ├ nested component             ├ nested component, rewritten likewise
///   └ types, canons, exports …     └ the same bytes
/// </code>
/// Why: the native validator knows the whole specification (about 9,000 lines that are not written twice), but it also compiles what it
/// validates; the core modules are validated anyway when they are compiled for use.
/// </summary>
internal static class SkeletonWriter
{
    /// <summary>The skeleton of a decoded component.</summary>
    /// <exception cref="InvalidComponentException">A core module's sections are malformed.</exception>
    public static byte[] Write(ComponentBinary component)
    {
        var output = new ArrayBufferWriter<byte>();
        Component(component, output);
        return output.WrittenSpan.ToArray();
    }

    private static void Component(ComponentBinary component, ArrayBufferWriter<byte> output)
    {
        var bytes = component.Bytes;
        output.Write(bytes.Span[..WasmFile.PreambleLength]);

        // The decoder has been over these bytes, so that the walk cannot fail; it still is a checked one.
        var cursor = new BinaryCursor(bytes, WasmFile.PreambleLength, bytes.Length, "section header");
        var nested = component.Definitions.OfType<NestedComponentDef>().GetEnumerator();
        while (!cursor.AtEnd)
        {
            var id = cursor.U8("a section id");
            var contents = cursor.Slice(cursor.Index("a section size"), "a section");
            var offset = component.Offset + cursor.Position - contents.Length;
            switch (id)
            {
                case 0:
                    break;
                case 1:
                    Section(id, ModuleStub.Write(contents, offset), output);
                    break;
                case 4 when nested.MoveNext():
                    var inner = new ArrayBufferWriter<byte>();
                    Component(nested.Current.Component, inner);
                    Section(id, inner.WrittenSpan, output);
                    break;
                case 8:
                    Section(id, WithoutCancellable(contents, offset, component), output);
                    break;
                default:
                    Section(id, contents.Span, output);
                    break;
            }
        }
    }

    /// <summary>
    /// Clears the <c>cancellable</c> immediates. The specification's snapshot of August 2026 has them, the validator's newer one
    /// (component-model#716) wants the byte to be zero; it is the second byte of the definition and changes no type.
    /// </summary>
    private static ReadOnlySpan<byte> WithoutCancellable(ReadOnlyMemory<byte> contents, int offset, ComponentBinary component)
    {
        byte[]? copy = null;
        foreach (var canon in component.Definitions.OfType<CanonDef>())
        {
            var cancellable = canon.Expr is CanonExpr.WaitableSetWait { Cancellable: true } or CanonExpr.WaitableSetPoll { Cancellable: true }
                or CanonExpr.ThreadSuspend { Cancellable: true } or CanonExpr.ThreadYield { Cancellable: true }
                or CanonExpr.ThreadSuspendThenResume { Cancellable: true } or CanonExpr.ThreadYieldThenResume { Cancellable: true }
                or CanonExpr.ThreadSuspendThenPromote { Cancellable: true } or CanonExpr.ThreadYieldThenPromote { Cancellable: true };
            var at = canon.Offset - offset + 1;
            if (!cancellable || at < 0 || at >= contents.Length)
                continue;
            copy ??= contents.ToArray();
            copy[at] = 0;
        }

        return copy ?? contents.Span;
    }

    private static void Section(byte id, ReadOnlySpan<byte> contents, ArrayBufferWriter<byte> output)
    {
        output.Write((ReadOnlySpan<byte>)[id]);
        output.WriteU32((uint)contents.Length);
        output.Write(contents);
    }
}
