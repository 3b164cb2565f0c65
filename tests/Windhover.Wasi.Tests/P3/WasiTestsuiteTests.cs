using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Components.Linking;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Http;
using Windhover.Wasi.Sockets;
using Windhover.Wasi.Tests.Http;

namespace Windhover.Wasi.Tests.P3;

/// <summary>
/// The 0.3 programs of the wasi-testsuite, as they come. The JSON file beside a program says what is done to it: what it is sent, what it must write and answer, how it ends.
/// </summary>
public sealed class WasiTestsuiteTests
{
    // What fails, and why.
    private static readonly Dictionary<string, string> s_expected = new()
    {
        ["http-client-trailers"] = "the HTTP client of .NET cannot send trailers with a request (dotnet/runtime#31131)",
        ["http-client-trailer-error"] = "the same: its first request carries trailers",
    };

    [Fact]
    public async Task Suite_passes()
    {
        var suites = Environment.GetEnvironmentVariable("WINDHOVER_SUITES");
        Assert.SkipWhen(string.IsNullOrEmpty(suites), "WINDHOVER_SUITES is not set: it names a folder that holds wasi-testsuite-base/.");
        var folder = Path.Combine(suites!, "wasi-testsuite-base/tests/rust/testsuite/wasm32-wasip3");
        Assert.SkipUnless(Directory.Exists(folder), $"{folder} does not exist.");

        var surprises = new List<string>();
        var passed = 0;
        var files = Directory.GetFiles(folder, "*.wasm").Order().ToList();
        foreach (var file in files)
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var failure = await TryRunAsync(file);
            if (failure is null)
                passed++;
            if (failure is null == s_expected.ContainsKey(name))
                surprises.Add(failure is null ? $"{name} passes now" : $"{name}: {failure}");
        }
        Console.WriteLine($"suite: {passed} of {files.Count} (wasi-testsuite 0.3)");
        Assert.True(surprises.Count == 0, string.Join("\n", surprises));
    }

    private static async Task<string?> TryRunAsync(string file)
    {
        try
        {
            return await RunAsync(file).WaitAsync(Guest.Patience);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return error.Message;
        }
    }

    private static async Task<string?> RunAsync(string file)
    {
        var specification = Path.ChangeExtension(file, ".json");
        using var json = JsonDocument.Parse(File.Exists(specification) ? await File.ReadAllTextAsync(specification) : "{}");
        var root = json.RootElement;
        var temporary = Directory.CreateTempSubdirectory("windhover-");
        var servers = new List<EndpointServer>();
        await using var services = new ServiceCollection().Also(s => s.AddGuestHttpClient()).BuildServiceProvider();
        DirectoryGrant? grant = null;
        try
        {
            var environment = new List<KeyValuePair<string, string>>();
            foreach (var server in Array(root, "servers"))
            {
                var closed = server.TryGetProperty("kind", out var kind) && kind.GetString() == "closed";
                if (!closed)
                    servers.Add(new EndpointServer(server.GetProperty("endpoints").Clone()));
                environment.Add(new($"HTTP_SERVER_{server.GetProperty("name").GetString()!.ToUpperInvariant()}", closed ? ClosedAddress() : servers[^1].Authority));
            }
            if (root.TryGetProperty("root", out var directory))
            {
                Copy(Path.Combine(Path.GetDirectoryName(file)!, directory.GetString()!), temporary.FullName);
                grant = DirectoryGrant.Open(temporary.FullName, "/", writable: true);
            }
            var run = new Run(file, root, new WasiOptions
            {
                Environment = environment,
                Directories = grant is null ? [] : [grant],
                Network = NetworkPolicy.Unrestricted,
                OutgoingHttp = new OutgoingHttp(services.GetRequiredService<IHttpClientFactory>(), ["*", "127.0.0.1:*"]),
            });
            return root.TryGetProperty("world", out var world) && world.GetString() == "wasi:http/service" ? await run.ServeAsync() : await run.CommandAsync();
        }
        finally
        {
            foreach (var server in servers)
                await server.DisposeAsync();
            grant?.Dispose();
            temporary.Delete(recursive: true);
        }
    }

    private static string ClosedAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }

    private static JsonElement[] Array(JsonElement element, string name) =>
        element.TryGetProperty(name, out var array) ? [.. array.EnumerateArray()] : [];

    private static void Copy(string from, string to)
    {
        foreach (var directory in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }

    /// <summary>One program and what is done to it.</summary>
    private sealed class Run(string file, JsonElement json, WasiOptions options)
    {
        private readonly Pipe _input = new();
        private readonly Pipe _output = new();
        private readonly Pipe _error = new();
        private readonly PreparedComponent _component = Components.Prepare(file);

        public async Task<string?> ServeAsync()
        {
            using var service = Components.Serve(_component, options);
            foreach (var operation in Array(json, "operations"))
            {
                if (operation.GetProperty("type").GetString() == "request" && await RequestAsync(service, operation) is { } failure)
                    return failure;
            }
            return null;
        }

        public async Task<string?> CommandAsync()
        {
            var arguments = new List<string> { Path.GetFileName(file) };
            var environment = options.Environment.ToList();
            foreach (var operation in Array(json, "operations").Where(o => o.GetProperty("type").GetString() == "run"))
            {
                arguments.AddRange(Array(operation, "args").Select(a => a.GetString()!));
                if (operation.TryGetProperty("env", out var variables))
                    environment.AddRange(variables.EnumerateObject().Select(v => KeyValuePair.Create(v.Name, v.Value.GetString()!)));
            }
            var running = Components.RunAsync(_component, options with
            {
                Arguments = arguments,
                Environment = environment,
                Stdin = InputGrant.FromPipe(_input.Reader),
                Stdout = OutputGrant.ToPipe(_output.Writer),
                Stderr = OutputGrant.ToPipe(_error.Writer),
            });
            var expected = 0;
            using var client = new TcpClient();
            foreach (var operation in Array(json, "operations"))
            {
                var payload = operation.TryGetProperty("payload", out var text) ? Encoding.UTF8.GetBytes(text.GetString()!) : [];
                switch (operation.GetProperty("type").GetString())
                {
                    case "write":
                        await _input.Writer.WriteAsync(payload);
                        break;
                    case "read":
                        var pipe = operation.GetProperty("id").GetString() == "stdout" ? _output : _error;
                        if (await ReadAsync(pipe.Reader, payload.Length, running) is var got && got != text.GetString())
                            return $"wrote '{got}', not '{text.GetString()}'. {Describe(running)}";
                        break;
                    case "connect":
                        await client.ConnectAsync(IPEndPoint.Parse(await LineAsync(_output.Reader, running)));
                        break;
                    case "send":
                        await client.GetStream().WriteAsync(payload);
                        break;
                    case "recv":
                        var received = new byte[payload.Length];
                        await client.GetStream().ReadExactlyAsync(received);
                        if (!received.SequenceEqual(payload))
                            return $"sent '{Encoding.UTF8.GetString(received)}', not '{text.GetString()}'";
                        break;
                    case "wait":
                        expected = operation.TryGetProperty("exit_code", out var code) ? code.GetInt32() : 0;
                        await _input.Writer.CompleteAsync();
                        break;
                }
            }
            await _input.Writer.CompleteAsync();
            var (exit, trap) = await running;
            return exit == expected ? null : $"exit code {exit}, not {expected}. {trap?.Message} {trap?.InnerException?.Message} {Written(_error)}";
        }

        private static async Task<string?> RequestAsync(ServiceGuest service, JsonElement operation)
        {
            var exchange = new FakeExchange
            {
                Method = operation.GetProperty("method").GetString()!,
                PathWithQuery = operation.GetProperty("path").GetString(),
            };
            if (operation.TryGetProperty("headers", out var headers))
            {
                foreach (var header in headers.EnumerateObject())
                    exchange.RequestHeaders[header.Name] = header.Value.GetString()!;
            }
            if (operation.TryGetProperty("body", out var body))
                await exchange.RequestWriter.WriteAsync(Encoding.UTF8.GetBytes(body.GetString()!));
            await exchange.RequestWriter.CompleteAsync();
            await service.HandleAsync(exchange);
            var response = operation.GetProperty("response");
            var status = response.TryGetProperty("status", out var number) ? number.GetInt32() : 200;
            if (!exchange.Log[0].StartsWith(string.Create(CultureInfo.InvariantCulture, $"start {status} "), StringComparison.Ordinal))
                return $"answered '{string.Join("; ", exchange.Log)}', not {status}";
            if (response.TryGetProperty("headers", out var expected))
            {
                foreach (var header in expected.EnumerateObject())
                {
                    if (exchange.ResponseHeaders?.Find(header.Name) != header.Value.GetString())
                        return $"the field {header.Name} is '{exchange.ResponseHeaders?.Find(header.Name)}', not '{header.Value.GetString()}'";
                }
            }
            var text = exchange.ReadResponse();
            return response.TryGetProperty("body", out var wanted) && text != wanted.GetString() ? $"answered '{text}', not '{wanted.GetString()}'" : null;
        }

        private static async Task<string> ReadAsync(PipeReader reader, int length, Task running)
        {
            var all = new List<byte>();
            while (all.Count < length)
            {
                var reading = reader.ReadAsync().AsTask();
                if (await Task.WhenAny(reading, running) != reading && !reading.IsCompleted)
                    break;
                var read = await reading;
                foreach (var segment in read.Buffer)
                    all.AddRange(segment.Span);
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    break;
            }
            return Encoding.UTF8.GetString(all.ToArray());
        }

        private static async Task<string> LineAsync(PipeReader reader, Task running)
        {
            var line = new StringBuilder();
            while (await ReadAsync(reader, 1, running) is { Length: > 0 } some)
            {
                line.Append(some);
                if (some.EndsWith('\n'))
                    break;
            }
            return line.ToString().Trim();
        }

        private string Describe(Task<(int, Exception?)> running) => running.IsCompletedSuccessfully ? $"{running.Result} {Written(_error)}" : "It still runs.";

        private static string Written(Pipe pipe) => pipe.Reader.TryRead(out var read) ? Encoding.UTF8.GetString(read.Buffer) : "";
    }
}

file static class Chain
{
    public static T Also<T>(this T it, Action<T> action)
    {
        action(it);
        return it;
    }
}
