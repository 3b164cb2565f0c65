namespace Windhover.Wasi;

/// <summary>WIT <c>result</c> without payloads.</summary>
internal static class Outcome
{
    public static Result<Unit, Unit> Ok { get; } = new(true, default, default);

    public static Result<Unit, Unit> Failed { get; } = new(false, default, default);
}
