using System.Diagnostics;

namespace Windhover.Capabilities.Tests.Servers;

/// <summary>A PostgreSQL of one test class. It refuses to run as root, so root runs it as the user that its package made.</summary>
public class PostgresServer : PrivateServer
{
    private static readonly string s_programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(d => Path.Combine(d, "bin")).Last()
        : "";

    public PostgresServer()
    {
        if (Environment.IsPrivilegedProcess)
        {
            using Process chown = Run("chown", "postgres", Folder);
            chown.WaitForExit();
        }

        using Process init = AsUser("initdb", "-D", Data, "-A", "trust", "-U", "windhover", "-E", "UTF8", "--no-sync", "--locale=C");
        init.WaitForExit();
        Assert.True(init.ExitCode == 0, Words());
        Start();
    }

    public string Url => $"postgres://windhover@127.0.0.1:{Port}/postgres";

    private string Data => Path.Combine(Folder, "data");

    protected override Process Launch()
    {
        // A killed server leaves its locks. They name a process that may count as alive for as long as nobody has waited for it, and then no other may start.
        File.Delete(Path.Combine(Data, "postmaster.pid"));
        File.Delete(Path.Combine(Folder, $".s.PGSQL.{Port}.lock"));
        return AsUser("postgres", "-D", Data, "-p", $"{Port}", "-k", Folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "log_destination=stderr", "-c", "logging_collector=on", "-c", $"log_directory={Folder}", "-c", "log_filename=server.log");
    }

    // Taking connections is not yet answering: while it starts it refuses those it has taken.
    protected override bool Answers()
    {
        if (!base.Answers())
            return false;
        using Process ready = AsUser("pg_isready", "-q", "-h", "127.0.0.1", "-p", $"{Port}");
        ready.WaitForExit();
        return ready.ExitCode == 0;
    }

    private Process AsUser(string program, params string[] arguments)
    {
        string path = Path.Combine(s_programs, program);
        // setpriv becomes the program, so that it is this process's own child, which Kill waits for; runuser would stay between the two.
        return Environment.IsPrivilegedProcess
            ? Run("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", "--", path, .. arguments])
            : Run(path, arguments);
    }
}
