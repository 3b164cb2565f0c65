using Windhover.Wit.Model;

namespace Windhover.Wit.Resolution;

/// <summary>Imports or exports in the making: ordered, unique by name.</summary>
internal sealed class ItemList
{
    private readonly List<WitWorldItem> _items = [];
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);

    public IReadOnlyList<WitWorldItem> Items => _items;

    public bool Contains(string name) => _indexes.ContainsKey(name);

    public WitWorldItem? Find(string name) => _indexes.TryGetValue(name, out var index) ? _items[index] : null;

    public void Add(WitWorldItem item)
    {
        _indexes.Add(item.Name, _items.Count);
        _items.Add(item);
    }

    public void Replace(WitWorldItem item) => _items[_indexes[item.Name]] = item;
}

/// <summary>A world before elaboration.</summary>
internal sealed class WorldDraft
{
    public ItemList Imports { get; } = new();

    public ItemList Exports { get; } = new();
}
