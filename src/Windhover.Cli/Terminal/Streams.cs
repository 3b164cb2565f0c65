using System.Text;

namespace Windhover.Cli.Terminal;

/// <summary>
/// Standard output and error as text. Not <see cref="Console.Out"/> and <see cref="Console.Error"/>: on a terminal these first send it
/// control sequences (keypad mode), which do not belong into the output of a guest. A reader that went away (a closed pipe) is no error.
/// </summary>
internal static class Streams
{
    public static TextWriter Output { get; } = Create(Console.OpenStandardOutput());

    public static TextWriter Error { get; } = Create(Console.OpenStandardError());

    private static StreamWriter Create(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };
}
