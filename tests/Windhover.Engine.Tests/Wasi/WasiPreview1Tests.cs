using System.Text;

namespace Windhover.Engine.Tests.Wasi;

public sealed class WasiPreview1Tests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    // Echoes stdin to stdout and stderr, argument 1 and the first variable to stdout, opens "f" in the first directory for writing, exits.
    private const string Program = """
        (module
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (data (i32.const 60) "f")
          (func $print (param $fd i32) (param $at i32) (param $length i32) (result i32)
            (i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (local.get $length))
            (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
          (func (export "echo") (result i32)
            (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 4096))
            (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (i32.store (i32.const 12) (i32.load (i32.const 8)))
            (drop (call $print (i32.const 2) (i32.const 1024) (i32.load (i32.const 12))))
            (call $print (i32.const 1) (i32.const 1024) (i32.load (i32.const 12))))
          (func (export "args") (result i32)
            (drop (call $args_sizes (i32.const 16) (i32.const 20)))
            (drop (call $args (i32.const 100) (i32.const 200)))
            (call $print (i32.const 1) (i32.const 200) (i32.load (i32.const 20))))
          (func (export "environ") (result i32)
            (drop (call $environ_sizes (i32.const 16) (i32.const 20)))
            (drop (call $environ (i32.const 100) (i32.const 200)))
            (call $print (i32.const 1) (i32.const 200) (i32.load (i32.const 20))))
          (func (export "create") (result i32)
            (call $open (i32.const 3) (i32.const 0) (i32.const 60) (i32.const 1) (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 40)))
          (func (export "exit") (param i32) (call $exit (local.get 0)))
          (func (export "print") (param i32) (result i32) (call $print (i32.const 1) (i32.const 60) (local.get 0))))
        """;

    private const int Success = 0;

    [Fact]
    public void Nothing_is_granted_without_a_configuration() => Run(null, (store, call) =>
    {
        Assert.Equal(Success, call("echo"));
        Assert.Equal(Success, call("args"));
        Assert.Equal(Success, call("environ"));
        Assert.NotEqual(Success, call("create"));
        Assert.Throws<InvalidOperationException>(() => store.SetWasi(new WasiPreview1Config()));
    });

    [Fact]
    public void Streams_arguments_and_variables_pass()
    {
        var output = new StringBuilder();
        var errors = new StringBuilder();
        var config = new WasiPreview1Config
        {
            Arguments = ["program", "grün"],
            Environment = [new("NAME", "välue")],
            StandardInput = WasiInput.FromBytes("hello"u8.ToArray()),
            StandardOutput = WasiOutput.To(bytes => output.Append(Encoding.UTF8.GetString(bytes))),
            StandardError = WasiOutput.To(bytes => errors.Append(Encoding.UTF8.GetString(bytes))),
        };
        Run(config, (_, call) =>
        {
            Assert.Equal(Success, call("echo"));
            Assert.Equal("hello", output.ToString());
            Assert.Equal("hello", errors.ToString());
            output.Clear();
            Assert.Equal(Success, call("args"));
            Assert.Equal("program\0grün\0", output.ToString());
            output.Clear();
            Assert.Equal(Success, call("environ"));
            Assert.Equal("NAME=välue\0", output.ToString());
        });
    }

    [Fact]
    public void Files_serve_as_streams()
    {
        var directory = Directory.CreateTempSubdirectory("windhover");
        try
        {
            var input = Path.Combine(directory.FullName, "in");
            var output = Path.Combine(directory.FullName, "out");
            File.WriteAllText(input, "from a file");
            Run(
                new WasiPreview1Config { StandardInput = WasiInput.FromFile(input), StandardOutput = WasiOutput.ToFile(output) },
                (_, call) => Assert.Equal(Success, call("echo")));
            Assert.Equal("from a file", File.ReadAllText(output));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void Directories_are_granted_as_told()
    {
        var directory = Directory.CreateTempSubdirectory("windhover");
        try
        {
            var file = Path.Combine(directory.FullName, "f");
            Run(new WasiPreview1Config { Directories = [new(directory.FullName, "/")] }, (_, call) => Assert.NotEqual(Success, call("create")));
            Assert.False(File.Exists(file));
            Run(new WasiPreview1Config { Directories = [new(directory.FullName, "/", Writable: true)] }, (_, call) => Assert.Equal(Success, call("create")));
            Assert.True(File.Exists(file));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void An_exit_comes_out_as_an_exception_with_its_code()
    {
        foreach (var code in new[] { 0, 3, 125, 126, 255, -1 })
        {
            Run(null, (store, instance) =>
            {
                var exit = Assert.Throws<GuestExitException>(() => instance.GetFunction(store, "exit").Call(store, [(RawValue)code]));
                Assert.Equal(code, exit.ExitCode);
            });
        }
    }

    [Fact]
    public void Output_arrives_in_order_and_before_the_write_returns()
    {
        long total = 0;
        Run(new WasiPreview1Config { StandardOutput = WasiOutput.To(bytes => total += bytes.Length) }, (store, instance) =>
        {
            var print = instance.GetFunction(store, "print");
            long expected = 0;
            for (var i = 1; i < 2000; i++)
            {
                print.Call(store, [(RawValue)i]);
                expected += i;
                Assert.Equal(expected, total);
            }
        });
    }

    [Fact]
    public void A_writer_that_throws_fails_the_write()
    {
        var config = new WasiPreview1Config { Arguments = ["x"], StandardOutput = WasiOutput.To(_ => throw new InvalidOperationException()) };
        Run(config, (_, call) => Assert.NotEqual(Success, call("args")));
    }

    [Fact]
    public void Configurations_that_cannot_be_are_refused()
    {
        using var store = new Store(fixture.Engine);
        Assert.Throws<ArgumentException>(() => store.SetWasi(new WasiPreview1Config { Arguments = ["a\0b"] }));
        Assert.Throws<IOException>(() => store.SetWasi(new WasiPreview1Config { Directories = [new("/does/not/exist", "/")] }));
        Assert.Throws<IOException>(() => store.SetWasi(new WasiPreview1Config { StandardInput = WasiInput.FromFile("/does/not/exist") }));
        Assert.Throws<IOException>(() => store.SetWasi(new WasiPreview1Config { StandardOutput = WasiOutput.ToFile("/does/not/exist") }));
    }

    private void Run(WasiPreview1Config? config, Action<Store, Func<string, int>> body) => Run(config, (store, instance) => body(store, name =>
    {
        var slots = new RawValue[1];
        instance.GetFunction(store, name).Call(store, slots);
        return slots[0].I32;
    }));

    private void Run(WasiPreview1Config? config, Action<Store, Instance> body)
    {
        using var linker = new Linker(fixture.Engine);
        linker.DefineWasiPreview1();
        using var module = Wat.Module(fixture.Engine, Program);
        using var pre = linker.Prepare(module);
        using var store = new Store(fixture.Engine);
        if (config is not null)
            store.SetWasi(config);
        body(store, pre.Instantiate(store));
    }
}
