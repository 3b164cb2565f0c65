namespace Windhover.Wit.Model;

/// <summary>The name of a package, such as <c>wasi:io@0.2.12</c>. Immutable, compared by value.</summary>
/// <param name="Namespace">The part before the colon.</param>
/// <param name="Name">The part after it.</param>
/// <param name="Version">The version, or <see langword="null"/> for an unversioned package.</param>
public sealed record WitPackageName(string Namespace, string Name, WitVersion? Version = null)
{
    /// <summary>The full name of an item of this package: <c>wasi:io/poll@0.2.12</c>.</summary>
    public string Qualify(string item) =>
        Version is null ? $"{Namespace}:{Name}/{item}" : $"{Namespace}:{Name}/{item}@{Version}";

    /// <summary>The text form, <c>namespace:name@version</c>.</summary>
    public override string ToString() => Version is null ? $"{Namespace}:{Name}" : $"{Namespace}:{Name}@{Version}";
}

/// <summary>The feature gates on an item: <c>@since</c>, <c>@unstable</c>, <c>@deprecated</c>. Compared by value.</summary>
/// <param name="Since">The version that introduced the item, or <see langword="null"/>.</param>
/// <param name="Feature">
/// The feature that an unstable item belongs to, or <see langword="null"/>; never together with <paramref name="Since"/>.
/// </param>
/// <param name="Deprecated">The version that deprecated the item, or <see langword="null"/>.</param>
public sealed record WitStability(WitVersion? Since, string? Feature, WitVersion? Deprecated)
{
    /// <summary>No gate at all.</summary>
    public static WitStability None { get; } = new(null, null, null);

    /// <summary>True when there is no gate.</summary>
    public bool IsNone => Since is null && Feature is null && Deprecated is null;
}
