namespace Windhover.Wit.Generator.Emit;

/// <summary>
/// The helper methods of one generated file: each is written once, when it is first asked for, and may ask for others. Written in the order
/// of the requests, so the output depends on the WIT alone.
/// </summary>
internal sealed class HelperSet
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Queue<(string Name, Action<CodeWriter, string> Write)> _pending = new();

    /// <summary>The name of the helper for a key; <paramref name="write"/> is called later, once.</summary>
    public string Get(string key, string name, Action<CodeWriter, string> write)
    {
        if (_names.TryGetValue(key, out string? known))
            return known;
        string unique = name;
        for (int i = 2; !_taken.Add(unique); i++)
            unique = $"{name}_{i}";
        _names.Add(key, unique);
        _pending.Enqueue((unique, write));
        return unique;
    }

    public bool IsEmpty => _names.Count == 0;

    /// <summary>Writes the helpers, an empty line before each but, if <paramref name="first"/>, the first.</summary>
    public void WriteAll(CodeWriter writer, bool first = false)
    {
        while (_pending.Count > 0)
        {
            (string name, Action<CodeWriter, string> write) = _pending.Dequeue();
            if (!first)
                writer.Line();
            first = false;
            write(writer, name);
        }
    }
}
