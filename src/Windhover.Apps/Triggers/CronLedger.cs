using System.Globalization;
using System.Text.Json;

namespace Windhover.Apps.Triggers;

/// <summary>When each cron trigger of an app last ran, kept across restarts: what was missed meanwhile can be told from it.</summary>
internal sealed class CronLedger(string file)
{
    private readonly Lock _lock = new();
    private Dictionary<string, DateTimeOffset>? _last;

    public DateTimeOffset? Last(string name)
    {
        lock (_lock)
            return Load().TryGetValue(name, out DateTimeOffset last) ? last : null;
    }

    /// <summary>Remembers a run; a folder that cannot be written costs only the memory across restarts.</summary>
    public void Record(string name, DateTimeOffset at)
    {
        lock (_lock)
        {
            Load()[name] = at;
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                string temporary = file + ".new";
                using (FileStream stream = File.Create(temporary))
                using (var writer = new Utf8JsonWriter(stream))
                {
                    writer.WriteStartObject();
                    foreach ((string key, DateTimeOffset value) in _last!)
                        writer.WriteString(key, value.ToString("O", CultureInfo.InvariantCulture));
                    writer.WriteEndObject();
                }

                File.Move(temporary, file, overwrite: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Read-only deployment.
            }
        }
    }

    private Dictionary<string, DateTimeOffset> Load()
    {
        if (_last is not null)
            return _last;
        _last = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Value.ValueKind == JsonValueKind.String && property.Value.TryGetDateTimeOffset(out DateTimeOffset value))
                    _last[property.Name] = value;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            // The first run, or a damaged file: nothing was missed as far as anybody knows.
        }

        return _last;
    }
}
