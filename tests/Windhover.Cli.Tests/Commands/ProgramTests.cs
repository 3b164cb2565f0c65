namespace Windhover.Cli.Tests.Commands;

/// <summary>
/// Programs that other people wrote, as WASI 0.1 commands, and the large guests: where they are (guests/fetch-programs.sh, guests/build-all.sh;
/// WINDHOVER_ARTIFACTS names another place than artifacts/).
/// </summary>
public sealed class ProgramTests
{
    [Fact]
    public async Task Sqlite_keeps_a_database_in_a_granted_directory()
    {
        var sqlite = Artifact("programs/sqlite3.wasm", "guests/fetch-programs.sh sqlite3");
        using var folder = new TempFolder();
        string[] run = ["run", "--dir", $"{folder.Path}::/data", sqlite, "/data/x.db"];
        (await Cli.Run([.. run, "create table t (n integer, s text); insert into t values (1, 'one'), (2, 'zwei')"])).Expect(0);
        Assert.Equal("2|zwei\n1|one\n", (await Cli.Run([.. run, "select * from t order by n desc"])).Expect(0).Output);
        Assert.Equal("5050\n", (await Cli.RunWith("with recursive c(x) as (select 1 union all select x + 1 from c where x < 100) select sum(x) from c;\n", [], "run", sqlite)).Expect(0).Output);
        var refused = await Cli.Run("run", sqlite, "/data/x.db", "select 1 from t");
        Assert.NotEqual(0, refused.Status);
    }

    [Fact]
    public async Task Lua_runs_scripts_and_catches_its_errors()
    {
        var lua = Artifact("programs/lua.wasm", "guests/fetch-programs.sh lua");
        Assert.Equal("55\tdoes not work\n", (await Cli.Run("run", lua, "-e", "local s = 0 for i = 1, 10 do s = s + i end local _, e = pcall(error, 'does not work', 0) print(s, e)")).Expect(0).Output);
        var failed = (await Cli.Run("run", lua, "-e", "error('as asked')")).Expect(1);
        Assert.Contains("as asked", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task QuickJs_runs_scripts_from_arguments_and_files()
    {
        var qjs = Artifact("programs/qjs.wasm", "guests/fetch-programs.sh quickjs");
        Assert.Equal("[1,4,9] 20922789888000\n", (await Cli.Run("run", qjs, "-e", "console.log(JSON.stringify([1, 2, 3].map(n => n * n)), Array.from({ length: 16 }, (_, i) => i + 1).reduce((a, b) => a * b))")).Expect(0).Output);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "a.js"), "import * as std from 'qjs:std'; console.log('from a file'); std.exit(3);", TestContext.Current.CancellationToken);
        Assert.Equal("from a file\n", (await Cli.Run("run", "--dir", $"{folder.Path}::/js:ro", qjs, "--std", "-m", "/js/a.js")).Expect(3).Output);
    }

    [Fact]
    public async Task Ruby_runs_scripts()
    {
        var ruby = Artifact("programs/ruby.wasm", "guests/fetch-programs.sh ruby");
        Assert.Equal("3.2.0 wasm32-wasi 5050\n", (await Cli.Run("run", ruby, "-e", "puts \"#{RUBY_VERSION} #{RUBY_PLATFORM} #{(1..100).sum}\"")).Expect(0).Output);
        Assert.Equal("EGDIRB\n", (await Cli.RunWith("bridge\n", [], "run", ruby, "-e", "puts gets.chomp.reverse.upcase")).Expect(0).Output);
        (await Cli.Run("run", ruby, "-e", "exit 7")).Expect(7);
    }

    [Fact]
    public async Task A_go_program_runs_with_its_goroutines()
    {
        var go = Artifact("guests/go-cli.wasm", "guests/build-all.sh go-cli");
        Assert.Equal("Hello from Go\n", (await Cli.Run("run", go)).Expect(0).Output);
        Assert.Equal("2 a\n1 b\n", (await Cli.RunWith("a b\na\n", [], "run", go, "words")).Expect(0).Output);
        Assert.Contains("333833500", (await Cli.Run("run", go, "pipeline", "1000")).Expect(0).Output, StringComparison.Ordinal);
        (await Cli.Run("run", go, "sleep", "20")).Expect(0);
        var panic = (await Cli.Run("run", go, "panic")).Expect(2);
        Assert.Contains("panic", panic.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_csharp_program_runs_on_mono()
    {
        var csharp = Artifact("guests/csharp-cli.wasm", "guests/build-all.sh csharp-cli");
        Assert.Contains("25", (await Cli.Run("run", csharp, "primes", "100")).Expect(0).Output, StringComparison.Ordinal);
        (await Cli.Run("run", csharp, "exit", "9")).Expect(9);
    }

    internal static string Artifact(string path, string maker)
    {
        var file = Path.Combine(Environment.GetEnvironmentVariable("WINDHOVER_ARTIFACTS") ?? Path.Combine(Cli.Root, "artifacts"), path);
        Assert.SkipUnless(File.Exists(file), $"{file} does not exist: run {maker}");
        return file;
    }
}
