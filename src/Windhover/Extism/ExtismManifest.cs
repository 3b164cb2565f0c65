using System.Text.Json;

namespace Windhover.Plugins.Extism;

/// <summary>A module of a manifest: from a file, from bytes, or from a URL.</summary>
/// <param name="Path">The file.</param>
/// <param name="Data">The bytes.</param>
/// <param name="Url">Where it is fetched from.</param>
/// <param name="Name">The name by which others import it; the last module, or the one called <c>main</c>, is the plug-in.</param>
/// <param name="Hash">The SHA-256 that it must have, in hexadecimal digits.</param>
public sealed record ExtismWasm(string? Path = null, ReadOnlyMemory<byte> Data = default, Uri? Url = null, string? Name = null, string? Hash = null);

/// <summary>What an Extism plug-in is made of, and what it may do: as Extism's own JSON manifest says it.</summary>
public sealed record ExtismManifest
{
    /// <summary>The modules.</summary>
    public required IReadOnlyList<ExtismWasm> Wasm { get; init; }

    /// <summary>What <c>config_get</c> answers.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new Dictionary<string, string>();

    /// <summary>Hosts that HTTP requests may go to; <c>*</c> stands for any run of characters. None: no request at all.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Directories of the host by the path that the plug-in sees; a host path that begins with <c>ro:</c> is read-only. With WASI only.</summary>
    public IReadOnlyDictionary<string, string> AllowedPaths { get; init; } = new Dictionary<string, string>();

    /// <summary>Wall time of one call; null: that of the options.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Pages of 64 KiB of linear memory; null: that of the options.</summary>
    public int? MaxPages { get; init; }

    /// <summary>Bytes of one HTTP answer. Default: 50 MiB.</summary>
    public long MaxHttpResponseBytes { get; init; } = 50 << 20;

    /// <summary>Bytes of all variables together. Default: 1 MiB.</summary>
    public long MaxVarBytes { get; init; } = 1 << 20;

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="PluginLoadException">It is not JSON, or not a manifest; the message says where.</exception>
    public static ExtismManifest Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            return Read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new PluginLoadException("(manifest)", $"the Extism manifest cannot be read: {error.Message}", "See the manifest's documentation at extism.org.", error);
        }
    }

    private static ExtismManifest Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("wasm", out JsonElement wasm) || wasm.ValueKind != JsonValueKind.Array || wasm.GetArrayLength() == 0)
            throw new FormatException("`wasm` must be an array of at least one module");
        JsonElement memory = Find(root, "memory") ?? default;
        return new ExtismManifest
        {
            Wasm = [.. wasm.EnumerateArray().Select(Module)],
            Config = Strings(root, "config"),
            AllowedHosts = Find(root, "allowed_hosts") is { } hosts ? [.. hosts.EnumerateArray().Select(h => h.GetString()!)] : [],
            AllowedPaths = Strings(root, "allowed_paths").ToDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal),
            Timeout = Find(root, "timeout_ms") is { } timeout ? TimeSpan.FromMilliseconds(timeout.GetUInt32()) : null,
            MaxPages = Find(memory, "max_pages")?.GetInt32(),
            MaxHttpResponseBytes = Find(memory, "max_http_response_bytes")?.GetInt64() ?? 50 << 20,
            MaxVarBytes = Find(memory, "max_var_bytes")?.GetInt64() ?? 1 << 20,
        };
    }

    private static ExtismWasm Module(JsonElement item)
    {
        string? path = Find(item, "path")?.GetString(), url = Find(item, "url")?.GetString();
        byte[]? data = Find(item, "data")?.GetBytesFromBase64();
        if ((path is null ? 0 : 1) + (url is null ? 0 : 1) + (data is null ? 0 : 1) != 1)
            throw new FormatException("each module has one of `path`, `url` and `data`");
        return new ExtismWasm(path, data, url is null ? null : new Uri(url), Find(item, "name")?.GetString(), Find(item, "hash")?.GetString());
    }

    private static Dictionary<string, string> Strings(JsonElement root, string name)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Find(root, name) is { } element)
        {
            foreach (JsonProperty property in element.EnumerateObject())
                found[property.Name] = property.Value.GetString() ?? "";
        }

        return found;
    }

    private static JsonElement? Find(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement found) && found.ValueKind != JsonValueKind.Null ? found : null;
}
