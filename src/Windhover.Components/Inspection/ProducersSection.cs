using Windhover.Components.Binary;

namespace Windhover.Components.Inspection;

/// <summary>Reads the custom section in which tools say who they are. It is for people: a malformed one counts as none.</summary>
public static class ProducersSection
{
    internal const string Name = "producers";

    /// <summary>The producers of a core module; empty when it has no such section, or is malformed.</summary>
    public static IReadOnlyList<Producer> OfModule(ReadOnlyMemory<byte> module)
    {
        if (WasmFile.Detect(module.Span) != WasmKind.CoreModule)
            return [];
        try
        {
            var cursor = new BinaryCursor(module, WasmFile.PreambleLength, module.Length, "section header");
            while (!cursor.AtEnd)
            {
                var id = cursor.U8("a section id");
                var contents = cursor.Slice(cursor.Index("a section size"), "a section");
                if (id != 0)
                    continue;
                var custom = new BinaryCursor(contents, 0, contents.Length, "custom section");
                if (custom.Name("the section's name") == Name)
                    return Parse(custom.Slice(custom.Remaining, "the section"));
            }
        }
        catch (InvalidComponentException)
        {
            // What is wrong with the module, its validation says.
        }

        return [];
    }

    internal static IReadOnlyList<Producer> Parse(ReadOnlyMemory<byte> contents)
    {
        try
        {
            var cursor = new BinaryCursor(contents, 0, contents.Length, "producers section");
            return [.. cursor.Vector("fields", ReadField).SelectMany(field => field)];
        }
        catch (InvalidComponentException)
        {
            return [];
        }
    }

    private static List<Producer> ReadField(ref BinaryCursor cursor)
    {
        var field = cursor.Name("a field");
        return cursor.Vector("values", (ref BinaryCursor c) => new Producer(field, c.Name("a name"), c.Name("a version")));
    }
}
