using System.Globalization;
using System.Text;

namespace Windhover.Components.Values.Json;

/// <summary>Where a reader or writer is, kept as a stack so that a path is only written out for an error.</summary>
internal sealed class JsonPath
{
    private readonly List<(string? Name, int Index)> _segments = [];

    public void Push(string name) => _segments.Add((name, 0));

    public void Push(int index) => _segments.Add((null, index));

    public void Pop() => _segments.RemoveAt(_segments.Count - 1);

    /// <summary>Changes the index of the innermost segment: one push serves a whole list.</summary>
    public void Move(int index) => _segments[^1] = (null, index);

    public ComponentJsonException Error(string problem, Exception? inner = null) => new(ToString(), problem, inner);

    public override string ToString()
    {
        var text = new StringBuilder("$");
        foreach (var (name, index) in _segments)
        {
            if (name is null)
                text.Append(CultureInfo.InvariantCulture, $"[{index}]");
            else if (name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                text.Append('.').Append(name);
            else
                text.Append("[\"").Append(name.Replace("\"", "\\\"", StringComparison.Ordinal)).Append("\"]");
        }

        return text.ToString();
    }
}
