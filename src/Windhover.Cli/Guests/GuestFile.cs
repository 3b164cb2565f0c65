using System.Text;
using System.Text.RegularExpressions;
using Windhover.Cli.Errors;
using Windhover.Components.Binary;
using Windhover.Engine;

namespace Windhover.Cli.Guests;

/// <summary>A file that a person named, read and recognised. Text (<c>.wat</c>) is compiled to a binary.</summary>
/// <param name="Path">As it was given.</param>
/// <param name="Bytes">The binary.</param>
/// <param name="Kind">A core module or a component.</param>
internal sealed partial record GuestFile(string Path, ReadOnlyMemory<byte> Bytes, WasmKind Kind)
{
    // Validation and compilation hold the whole file several times over.
    private const long MaxBytes = 1L << 30;

    /// <summary>The file's name without its folder.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Reads a file.</summary>
    /// <exception cref="CliException">It does not exist, is a directory, cannot be read, or is no WebAssembly.</exception>
    public static GuestFile Load(string path)
    {
        var bytes = Read(path);
        if (WasmFile.Detect(bytes) == WasmKind.NotWasm && IsText(bytes))
            bytes = CompileText(path, Encoding.UTF8.GetString(bytes));
        var kind = WasmFile.Detect(bytes);
        return kind != WasmKind.NotWasm
            ? new GuestFile(path, bytes, kind)
            : throw CliException.Failure($"{path} is {WasmFile.Explain(bytes)}");
    }

    private static byte[] CompileText(string path, string text)
    {
        try
        {
            return WatCompiler.Compile(text);
        }
        catch (InvalidModuleException e)
        {
            // "message \n --> <anon>:line:column \n the line with a caret below": an editor finds path:line:column.
            var place = Place().Match(e.Message);
            var message = e.Message.Split('\n')[0].Trim();
            throw new CliException(place.Success ? $"{path}:{place.Groups[1].Value}: {message}" : $"{path}: {message}", e, ExitStatus.Failure);
        }
    }

    [GeneratedRegex(@"--> <anon>:(\d+:\d+)")]
    private static partial Regex Place();

    private static byte[] Read(string path)
    {
        if (path.StartsWith("--", StringComparison.Ordinal) && !File.Exists(path))
            throw CliException.Usage($"unknown option {path}", "windhover --help");
        if (Directory.Exists(path))
            throw CliException.Usage($"{path} is a directory, not a WebAssembly file");
        try
        {
            using var file = File.OpenRead(path);
            if (file.CanSeek && file.Length > MaxBytes)
                throw CliException.Failure($"{path} has {file.Length} bytes; the limit is {MaxBytes}");
            using var copy = new MemoryStream();
            file.CopyTo(copy);
            return copy.ToArray();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or ArgumentException)
        {
            throw CliException.Usage($"{path}: no such file");
        }
        catch (UnauthorizedAccessException)
        {
            throw CliException.Usage($"{path}: permission denied");
        }
        catch (IOException e)
        {
            throw CliException.Usage($"{path} cannot be read: {e.Message}");
        }
    }

    // (module … or (component …, after blanks and comments: WasmFile.Explain knows the same signs.
    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        var text = bytes.TrimStart(" \t\r\n"u8);
        return text.StartsWith("(module"u8) || text.StartsWith("(component"u8) || text.StartsWith(";;"u8) || text.StartsWith("(;"u8);
    }
}
