using System.Text.Json;
using System.Text.Json.Nodes;

namespace Windhover.Apps.Functions;

/// <summary>The functions of a guest that have a JSON form.</summary>
internal interface IFunctionSet
{
    IReadOnlyList<IJsonFunction> All { get; }
}

/// <summary>A function with JSON for parameters and result. Each call has an instance of its own.</summary>
internal interface IJsonFunction
{
    /// <summary>Below the route: <c>add</c>, or <c>api/add</c> for an interface's.</summary>
    string Path { get; }

    /// <summary>The interface's full name; null for the guest's own functions.</summary>
    string? Interface { get; }

    /// <summary>The names and JSON schemas of the parameters.</summary>
    IReadOnlyList<(string Name, JsonNode Schema, bool Optional)> Parameters { get; }

    /// <summary>The schema of the result; null when there is none.</summary>
    JsonNode? Result { get; }

    /// <summary>Calls it, on a guest thread.</summary>
    /// <param name="arguments">An object with the parameters by name.</param>
    /// <param name="caller">For whom.</param>
    /// <param name="aborted">The client left.</param>
    /// <exception cref="Components.Values.Json.ComponentJsonException">An argument does not fit.</exception>
    FunctionResult Call(JsonElement arguments, object? caller, CancellationToken aborted);
}

/// <summary>What a function gave.</summary>
/// <param name="Json">The result; null for none.</param>
/// <param name="IsError">Whether it is the error of a <c>result</c>.</param>
internal sealed record FunctionResult(string? Json, bool IsError);
