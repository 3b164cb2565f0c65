namespace Windhover.Cli.Terminal;

/// <summary>Colours for one stream: only when it is a terminal that knows them, and NO_COLOR (no-color.org) is not set.</summary>
internal sealed class Ansi(bool enabled)
{
    /// <summary>For standard output.</summary>
    public static Ansi Output { get; } = new(Wanted && !Console.IsOutputRedirected);

    /// <summary>For standard error.</summary>
    public static Ansi Error { get; } = new(Wanted && !Console.IsErrorRedirected);

    private static bool Wanted =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    public string Red(string text) => Paint(text, "1;31");

    public string Cyan(string text) => Paint(text, "36");

    public string Bold(string text) => Paint(text, "1");

    public string Dim(string text) => Paint(text, "2");

    private string Paint(string text, string code) => enabled ? $"\e[{code}m{text}\e[0m" : text;
}
