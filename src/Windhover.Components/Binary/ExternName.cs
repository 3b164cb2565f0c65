using Windhover.Components.Types;

namespace Windhover.Components.Binary;

internal enum ExternNameKind
{
    /// <summary>A kebab-case label: <c>run</c>.</summary>
    Label,

    /// <summary><c>[constructor]r</c>.</summary>
    Constructor,

    /// <summary><c>[method]r.m</c>.</summary>
    Method,

    /// <summary><c>[static]r.m</c>.</summary>
    Static,

    /// <summary><c>ns:pkg/iface@1.2.3</c>.</summary>
    Interface,

    /// <summary>None of the above, such as <c>url=…</c> or <c>locked-dep=…</c>: kept raw, left to the validator.</summary>
    Other,
}

/// <summary>
/// The name of an import or export with its attributes: Explainer.md, "Import and Export Definitions". <see cref="Raw"/> identifies; the
/// rest is the same string taken apart. Never fails: a name that matches no production is <see cref="ExternNameKind.Other"/>.
/// </summary>
internal sealed record ExternName(string Raw)
{
    public ExternNameKind Kind { get; private init; } = ExternNameKind.Other;

    /// <summary>The resource of a constructor, method or static function.</summary>
    public string? Resource { get; private init; }

    /// <summary>The last label: the plain name, the method's name; for a constructor its resource.</summary>
    public string? Label { get; private init; }

    public InterfaceName? Interface { get; private init; }

    /// <summary>The interface that an instance with a plain name implements.</summary>
    public string? Implements { get; init; }

    /// <summary>What was cut off a canonical version: <c>.2</c> of <c>0.2.2</c>.</summary>
    public string? VersionSuffix { get; init; }

    /// <summary>A name of the host's own, any Unicode string.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The interface that this import or export stands for: by its name, or by its <c>implements</c> attribute.</summary>
    public InterfaceName? SemanticInterface =>
        Interface ?? (Implements is { } i && InterfaceName.TryParse(i, out var parsed) ? parsed : null);

    public static ExternName Parse(string raw)
    {
        if (Kebab.IsLabel(raw))
            return new ExternName(raw) { Kind = ExternNameKind.Label, Label = raw };
        if (raw.StartsWith("[constructor]", StringComparison.Ordinal) && Kebab.IsLabel(raw.AsSpan(13)))
            return new ExternName(raw) { Kind = ExternNameKind.Constructor, Resource = raw[13..], Label = raw[13..] };
        if (raw.StartsWith("[method]", StringComparison.Ordinal))
            return Member(raw, ExternNameKind.Method, 8);
        if (raw.StartsWith("[static]", StringComparison.Ordinal))
            return Member(raw, ExternNameKind.Static, 8);
        return InterfaceName.TryParse(raw, out var name)
            ? new ExternName(raw) { Kind = ExternNameKind.Interface, Interface = name }
            : new ExternName(raw);
    }

    public override string ToString() => Raw;

    private static ExternName Member(string raw, ExternNameKind kind, int prefix)
    {
        var dot = raw.IndexOf('.', prefix);
        return dot > 0 && Kebab.IsLabel(raw.AsSpan(prefix, dot - prefix)) && Kebab.IsLabel(raw.AsSpan(dot + 1))
            ? new ExternName(raw) { Kind = kind, Resource = raw[prefix..dot], Label = raw[(dot + 1)..] }
            : new ExternName(raw);
    }
}
