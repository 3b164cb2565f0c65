using System.Diagnostics;

namespace Windhover.Capabilities.Tests.Servers;

/// <summary>
/// An S3 of one test class: s3rver, which speaks the protocol over files (it knows its key, and takes any signature of version 4). It comes from npm into artifacts/, once.
/// </summary>
public class S3Server : PrivateServer
{
    private const string Version = "3.7.1";

    private static readonly Lazy<string> s_program = new(Install);

    public S3Server() => Start();

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>Where it keeps what it is given.</summary>
    public string Data => Path.Combine(Folder, "data");

    /// <summary>A container in a bucket of its own.</summary>
    public CapabilityResource Container(string name, string bucket) => Guests.CapabilityServer.Resource(
        name, "s3", ("url", Url), ("access-key", "S3RVER"), ("secret-key", "S3RVER"), ("bucket", bucket));

    protected override Process Launch()
    {
        Directory.CreateDirectory(Data);
        // Its cursors of lists are encrypted with DES, which OpenSSL 3 keeps with what is old.
        return Run("node", "--openssl-legacy-provider", s_program.Value, "--directory", Data, "--address", "127.0.0.1", "--port", $"{Port}", "--silent");
    }

    // Two test programs may want it at the same time: who makes the folder of the version by renaming was first.
    private static string Install()
    {
        string artifacts = Environment.GetEnvironmentVariable("WINDHOVER_ARTIFACTS") is { Length: > 0 } set ? set : Path.Combine(Repository(), "artifacts");
        string folder = Path.Combine(artifacts, $"s3rver-{Version}");
        string program = Path.Combine("node_modules", "s3rver", "bin", "s3rver.js");
        if (File.Exists(Path.Combine(folder, program)))
            return Path.Combine(folder, program);
        string mine = $"{folder}.{Environment.ProcessId}";
        Directory.CreateDirectory(mine);
        using (Process npm = RunOpenly("npm", "install", "--prefix", mine, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", $"s3rver@{Version}"))
        {
            npm.WaitForExit();
            if (npm.ExitCode != 0)
                throw new InvalidOperationException($"npm could not install s3rver@{Version} into {mine}: status {npm.ExitCode}");
        }

        try
        {
            Directory.Move(mine, folder);
        }
        catch (IOException) when (File.Exists(Path.Combine(folder, program)))
        {
            Directory.Delete(mine, recursive: true);
        }

        return Path.Combine(folder, program);
    }

    private static string Repository()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "Windhover.slnx")))
                return d.FullName;
        }

        throw new InvalidOperationException("The tests run outside of the repository.");
    }
}
