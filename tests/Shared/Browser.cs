using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Windhover.Tests.Shared;

/// <summary>A real browser (Chromium without a window), driven over the DevTools protocol: a page, its forms and its text.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ClientWebSocket _socket;
    private readonly string _profile;
    private readonly List<string> _complaints = [];
    private int _id;
    private string? _session;

    private Browser(Process process, ClientWebSocket socket, string profile)
    {
        _process = process;
        _socket = socket;
        _profile = profile;
    }

    /// <summary>The program; null where there is none.</summary>
    public static string? Program { get; } = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    public static async Task<Browser> StartAsync(CancellationToken cancellation)
    {
        string profile = Directory.CreateTempSubdirectory("windhover-browser").FullName;
        var start = new ProcessStartInfo(
            Program!,
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(s_patience);
        string? address = null;
        const string Marker = "DevTools listening on ";
        while (address is null && await process.StandardError.ReadLineAsync(patience.Token) is { } line)
            address = line.StartsWith(Marker, StringComparison.Ordinal) ? line[Marker.Length..].Trim() : null;
        Assert.True(address is not null, "the browser ended before it listened");
        // Its pipes are read on, or it would stop when they are full.
        _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(address), patience.Token);
        var browser = new Browser(process, socket, profile);
        JsonNode target = await browser.SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" }, patience.Token);
        JsonNode attached = await browser.SendAsync(
            "Target.attachToTarget", new JsonObject { ["targetId"] = target["targetId"]!.GetValue<string>(), ["flatten"] = true }, patience.Token);
        browser._session = attached["sessionId"]!.GetValue<string>();
        await browser.SendAsync("Page.enable", [], patience.Token);
        await browser.SendAsync("Log.enable", [], patience.Token);
        return browser;
    }

    /// <summary>Goes to a page and waits until it is loaded.</summary>
    public async Task GoAsync(string url, CancellationToken cancellation)
    {
        await SendAsync("Page.navigate", new JsonObject { ["url"] = url }, cancellation, until: "Page.loadEventFired");
    }

    /// <summary>Clicks something that leads to another page, and waits until that is loaded.</summary>
    public async Task ClickAsync(string id, CancellationToken cancellation) =>
        await SendAsync("Runtime.evaluate", Expression($"document.getElementById({JsonSerializer.Serialize(id)}).click()"), cancellation, until: "Page.loadEventFired");

    /// <summary>Fills an input or a selection, by a CSS selector.</summary>
    public Task FillAsync(string selector, string value, CancellationToken cancellation) =>
        EvaluateAsync($"document.querySelector({JsonSerializer.Serialize(selector)}).value = {JsonSerializer.Serialize(value)}", cancellation);

    /// <summary>The text of what has that id.</summary>
    public Task<string> TextAsync(string id, CancellationToken cancellation) => EvaluateAsync($"document.getElementById({JsonSerializer.Serialize(id)}).innerText", cancellation);

    /// <summary>What the browser complained of so far: refused scripts and styles, failed requests.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>The size of the window, in CSS pixels.</summary>
    public Task SizeAsync(int width, int height, CancellationToken cancellation) => SendAsync(
        "Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = false }, cancellation);

    /// <summary>Whether the person likes it dark.</summary>
    public Task DarkAsync(bool isDark, CancellationToken cancellation) => SendAsync(
        "Emulation.setEmulatedMedia",
        new JsonObject { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = isDark ? "dark" : "light" }) },
        cancellation);

    /// <summary>Presses a key: Tab, Enter, or a character; waits for the next page if that leads to one.</summary>
    public async Task KeyAsync(string key, CancellationToken cancellation, bool leads = false)
    {
        (string code, int number, string? text) = key switch
        {
            "Tab" => ("Tab", 9, null),
            "Enter" => ("Enter", 13, "\r"),
            _ => ("", 0, key),
        };
        var down = new JsonObject { ["type"] = "keyDown", ["key"] = key, ["code"] = code, ["windowsVirtualKeyCode"] = number };
        if (text is not null)
            down["text"] = text;
        await SendAsync("Input.dispatchKeyEvent", down, cancellation, leads ? "Page.loadEventFired" : null);
        await SendAsync("Input.dispatchKeyEvent", new JsonObject { ["type"] = "keyUp", ["key"] = key, ["code"] = code, ["windowsVirtualKeyCode"] = number }, cancellation);
    }

    /// <summary>Waits for a page that comes by itself.</summary>
    public Task NextAsync(CancellationToken cancellation) => SendAsync("Runtime.evaluate", Expression("0"), cancellation, until: "Page.loadEventFired");

    /// <summary>What is seen, as PNG.</summary>
    public async Task<byte[]> ScreenshotAsync(CancellationToken cancellation) =>
        Convert.FromBase64String((await SendAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png" }, cancellation))["data"]!.GetValue<string>());

    public async Task<string> EvaluateAsync(string script, CancellationToken cancellation)
    {
        JsonNode answer = await SendAsync("Runtime.evaluate", Expression(script), cancellation);
        Assert.True(answer["exceptionDetails"] is null, answer.ToJsonString());
        return answer["result"]!["value"]?.ToString() ?? "";
    }

    private static JsonObject Expression(string script) => new() { ["expression"] = script, ["returnByValue"] = true, ["awaitPromise"] = true };

    private async Task<JsonNode> SendAsync(string method, JsonObject parameters, CancellationToken cancellation, string? until = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(s_patience);
        int id = ++_id;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
            message["sessionId"] = _session;
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, patience.Token);
        JsonNode? answer = null;
        bool seen = until is null;
        while (answer is null || !seen)
        {
            JsonNode next = await ReceiveAsync(patience.Token);
            if (next["id"]?.GetValue<int>() == id)
                answer = next["result"] ?? throw new InvalidOperationException(next.ToJsonString());
            string? what = next["method"]?.GetValue<string>();
            seen |= what == until;
            if (what == "Log.entryAdded")
                _complaints.Add(next["params"]!["entry"]!["text"]!.GetValue<string>());
        }

        return answer;
    }

    private async Task<JsonNode> ReceiveAsync(CancellationToken cancellation)
    {
        using var text = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            WebSocketReceiveResult part = await _socket.ReceiveAsync(buffer, cancellation);
            text.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return JsonNode.Parse(text.ToArray())!;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // One of its processes writes a last file: it is in the folder of temporary files anyway.
        }
    }
}
