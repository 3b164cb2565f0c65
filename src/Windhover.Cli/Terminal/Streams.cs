using System.Text;

namespace Windhover.Cli.Terminal;

/// <summary>
/// Standard output and error as text. Not <see cref="Console.Out"/> and <see cref="Console.Error"/>: on a terminal these first send it
/// control sequences (keypad mode), which do not belong into the output of a guest. A reader that went away (a closed pipe) is no error.
/// </summary>
internal static class Streams
{
    public static Stream RawOutput { get; } = Console.OpenStandardOutput();

    public static Stream RawError { get; } = Console.OpenStandardError();

    public static TextWriter Output { get; } = Create(RawOutput);

    public static TextWriter Error { get; } = Create(RawError);

    /// <summary>All of standard input; nothing when that is a terminal.</summary>
    public static byte[] ReadInput()
    {
        if (!Console.IsInputRedirected)
            return [];
        using var input = Console.OpenStandardInput();
        using var bytes = new MemoryStream();
        input.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static StreamWriter Create(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };
}
