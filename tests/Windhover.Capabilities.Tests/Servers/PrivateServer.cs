using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Windhover.Capabilities.Tests.Servers;

/// <summary>A server program that belongs to one test: on a free port of the loopback, its files in a folder of its own, gone with the test.</summary>
public abstract class PrivateServer : IDisposable
{
    private Process? _process;

    protected PrivateServer()
    {
        Folder = Directory.CreateTempSubdirectory("windhover-server-").FullName;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public string Folder { get; }

    public int Port { get; }

    /// <summary>The server's own words, for when it does not start.</summary>
    protected string LogFile => Path.Combine(Folder, "server.log");

    // What it and its tools print: it would stand between the tests' results. Beside the folder, which holds the server's files and nothing else.
    private string OutputFile => Folder + ".log";

    /// <summary>Starts it, or starts it again on the same port with the same files, and waits until it answers.</summary>
    public void Start()
    {
        _process = Launch();
        var clock = Stopwatch.StartNew();
        for (int launches = 1; !Answers();)
        {
            // One that was killed may hold its files for a moment yet: then the next ends at once.
            if (_process.HasExited && launches++ < 50)
            {
                _process.Dispose();
                _process = Launch();
            }

            if ((_process.HasExited && launches >= 50) || clock.Elapsed > TimeSpan.FromSeconds(60))
                throw new InvalidOperationException($"{GetType().Name} does not answer on port {Port}: {Words()}");
            _process.WaitForExit(20);
        }
    }

    /// <summary>Ends it as a crash would.</summary>
    public virtual void Kill()
    {
        if (_process is null)
            return;
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        Kill();
        Directory.Delete(Folder, recursive: true);
        File.Delete(OutputFile);
        GC.SuppressFinalize(this);
    }

    protected abstract Process Launch();

    /// <summary>Whether it takes connections.</summary>
    protected virtual bool Answers()
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>What it said, in its log and otherwise.</summary>
    protected string Words()
    {
        string text = string.Concat(new[] { OutputFile, LogFile }.Where(File.Exists).Select(File.ReadAllText));
        return text.Length > 0 ? text : "it wrote nothing";
    }

    /// <summary>Starts a program of the server; what it prints goes into a file.</summary>
    protected Process Run(string program, params string[] arguments) => RunOpenly("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", OutputFile, program, .. arguments]);

    /// <summary>Starts a program that prints where the tests do.</summary>
    protected static Process RunOpenly(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        process.StandardInput.Close();
        return process;
    }
}

/// <summary>A Redis of one test class, without persistence.</summary>
public class RedisServer : PrivateServer
{
    public RedisServer() => Start();

    public string Url => $"redis://127.0.0.1:{Port}/0";

    protected override Process Launch() => Run(
        "redis-server", "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", Folder, "--save", "", "--appendonly", "no", "--logfile", LogFile);
}

/// <summary>A Redis that tells of changes.</summary>
public sealed class NotifyingRedis : RedisServer
{
    public string Endpoint => $"127.0.0.1:{Port}";

    /// <summary>Without what the test before left.</summary>
    public NotifyingRedis Empty()
    {
        using Process program = Run("redis-cli", "-p", $"{Port}", "flushall");
        program.WaitForExit();
        return this;
    }

    protected override Process Launch() => Run(
        "redis-server", "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", Folder, "--save", "", "--appendonly", "no", "--logfile", LogFile, "--notify-keyspace-events", "Kg$");
}
