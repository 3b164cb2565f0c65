namespace Windhover.Engine;

/// <summary>What a WASI 0.1 guest may see. Nothing unless granted.</summary>
public sealed record WasiPreview1Config
{
    /// <summary>Arguments, the program's name first.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}
