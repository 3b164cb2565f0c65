using System.Buffers;

namespace Windhover.Components.Binary;

/// <summary>
/// Rewrites a component so that it can be validated without compiling its code: each core module becomes a stub of the same shape, custom
/// sections go, everything else stays byte for byte (but for <see cref="SkeletonPatches"/>).
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

        var patches = new SkeletonPatches(component);

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
                default:
                    if (patches.MovedBefore(offset, contents.Length) is { } moved)
                        Section(6, moved, output);
                    Section(id, patches.Apply(contents.Span, offset), output);
                    break;
            }
        }
    }

    private static void Section(byte id, ReadOnlySpan<byte> contents, ArrayBufferWriter<byte> output)
    {
        output.Write((ReadOnlySpan<byte>)[id]);
        output.WriteU32((uint)contents.Length);
        output.Write(contents);
    }
}
