namespace Windhover.Components.Values.Json;

/// <summary>JSON text does not fit a WIT type, or a value has no JSON form. The message names the place and the expected type.</summary>
public sealed class ComponentJsonException : Exception
{
    /// <summary>Creates the exception for a place in the JSON text.</summary>
    /// <param name="path">The place, <c>$</c> being the whole: <c>$.items[3].name</c>.</param>
    /// <param name="problem">What is wrong there, without the place.</param>
    /// <param name="innerException">The cause, or null.</param>
    public ComponentJsonException(string path, string problem, Exception? innerException = null)
        : base($"at {path}: {problem}", innerException)
    {
        Path = path;
        Problem = problem;
    }

    /// <summary>The place in the JSON text.</summary>
    public string Path { get; }

    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; }
}
