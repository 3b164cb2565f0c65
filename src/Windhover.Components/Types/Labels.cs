using System.Collections;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Windhover.Components.Binary;

namespace Windhover.Components.Types;

/// <summary>The labels of a type in order, with a look-up by label. Equal when the same labels stand in the same order.</summary>
public sealed class Labels : IReadOnlyList<string>, IEquatable<Labels>
{
    // Below this a scan of the array beats a hash: most types have under 8 labels.
    private const int LinearLimit = 8;

    private readonly ImmutableArray<string> _labels;
    private readonly FrozenDictionary<string, int>? _index;

    private Labels(ImmutableArray<string> labels, string what)
    {
        _labels = labels;
        if (labels.Length <= LinearLimit)
        {
            for (var i = 1; i < labels.Length; i++)
            {
                if (labels.AsSpan(0, i).Contains(labels[i]))
                    throw Duplicate(labels[i], what);
            }

            return;
        }

        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < labels.Length; i++)
        {
            if (!index.TryAdd(labels[i], i))
                throw Duplicate(labels[i], what);
        }

        _index = index.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public int Count => _labels.Length;

    /// <inheritdoc/>
    public string this[int index] => _labels[index];

    /// <summary>The position of a label, or -1.</summary>
    public int IndexOf(string label) => _index is null ? _labels.IndexOf(label) : _index.GetValueOrDefault(label, -1);

    /// <inheritdoc/>
    public bool Equals(Labels? other) => other is not null && _labels.AsSpan().SequenceEqual(other._labels.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Labels);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var label in _labels)
            hash.Add(label, StringComparer.Ordinal);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_labels).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static Labels Of(IEnumerable<string> labels, string what, int max = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var array = labels.ToImmutableArray();
        return array.Length == 0 ? throw new InvalidComponentException($"a {what} type must have at least one label")
            : array.Length > max ? throw new InvalidComponentException($"a {what} type has {array.Length} labels; the limit is {max}")
            : new Labels(array, what);
    }

    private static InvalidComponentException Duplicate(string label, string what) =>
        new($"a {what} type has the label `{label}` twice");
}
