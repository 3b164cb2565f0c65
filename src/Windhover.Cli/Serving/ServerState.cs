using System.Text.Json;
using Windhover.Apps;

namespace Windhover.Cli.Serving;

/// <summary>
/// <c>FOLDER/.windhover/server.json</c>, while a server runs there: where it listens, for <c>windhover ps</c>, <c>top</c> and <c>logs</c>. A folder that cannot be written has none.
/// </summary>
internal sealed class ServerState : IDisposable
{
    private readonly string? _file;

    private ServerState(string? file) => _file = file;

    public static string FileIn(string folder) => Path.Combine(Path.GetFullPath(folder), ".windhover", "server.json");

    public static ServerState Write(AppsOptions options, IEnumerable<string> addresses)
    {
        var file = FileIn(options.Folder);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using var stream = File.Create(file);
            using var writer = new Utf8JsonWriter(stream);
            writer.WriteStartObject();
            writer.WriteNumber("pid", Environment.ProcessId);
            writer.WriteStartArray("addresses");
            foreach (var address in addresses)
                writer.WriteStringValue(address);
            writer.WriteEndArray();
            writer.WriteEndObject();
            return new ServerState(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ServerState(null);
        }
    }

    /// <summary>The address of the server of a folder; null when none runs there.</summary>
    public static string? Find(string folder)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(FileIn(folder)));
            return document.RootElement.GetProperty("addresses").EnumerateArray().Select(a => a.GetString()).FirstOrDefault(a => a?.StartsWith("http://", StringComparison.Ordinal) == true)
                ?.Replace("[::]", "127.0.0.1", StringComparison.Ordinal).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        if (_file is not null)
            File.Delete(_file);
    }
}
