using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Windhover.Components.Compilation;
using Windhover.Components.Linking;
using Windhover.Components.Workers;
using Windhover.Engine;
using Windhover.Tests;

namespace Windhover.Components.Tests.Compilation;

public sealed class OutOfProcessCompilerTests : IDisposable
{
    private const string Answer = """
        (component
          (core module $m (func (export "answer") (result i32) i32.const 42))
          (core instance $i (instantiate $m))
          (func (export "answer") (result u32) (canon lift (core func $i "answer"))))
        """;

    private static readonly WorkerCommand Worker = new(Path.Combine(AppContext.BaseDirectory, "Windhover.Components.Tests"), []);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("windhover-compile");
    private readonly WasmEngine _engine = new(new EngineOptions { MaxInstances = 4 });
    private readonly CompileCache _cache;
    private readonly OutOfProcessCompiler _compiler;

    public OutOfProcessCompilerTests()
    {
        _cache = new CompileCache(_directory.FullName);
        _compiler = new OutOfProcessCompiler(_cache, Worker);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _compiler.Dispose();
        _engine.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_component_is_compiled_by_a_worker_and_runs_here()
    {
        byte[] bytes = WatCompiler.Compile(Answer);
        Assert.Null(Component.TryLoadCompiled(_engine, bytes, _cache, Token));
        using Component component = await _compiler.LoadAsync(_engine, bytes, cancellationToken: Token);
        using PreparedComponent prepared = new ComponentLinker(_engine).Prepare(component);
        using var store = new Store(_engine);
        using ComponentInstance instance = prepared.Instantiate(store);
        Assert.Equal(42u, instance.Call(prepared.ExportedFunctions.Single()));
    }

    [Fact]
    public async Task A_second_load_needs_no_worker()
    {
        byte[] bytes = WatCompiler.Compile(Answer);
        (await _compiler.LoadAsync(_engine, bytes, cancellationToken: Token)).Dispose();
        using var without = new OutOfProcessCompiler(_cache, new WorkerCommand("/nonexistent", []));
        (await without.LoadAsync(_engine, bytes, cancellationToken: Token)).Dispose();
    }

    [Fact]
    public async Task A_core_module_is_compiled_by_a_worker()
    {
        byte[] bytes = WatCompiler.Compile("(module (func (export \"f\")))");
        using Module module = await _compiler.LoadModuleAsync(_engine, bytes, cancellationToken: Token);
        Assert.Equal("f", Assert.Single(module.Exports).Name);
    }

    [Fact]
    public async Task A_component_that_breaks_a_rule_is_refused_as_in_process()
    {
        // An export of a function that is not there: the decoder counts, the validator knows.
        byte[] bytes = WatCompiler.Compile("(component (core module $m (func (export \"f\") (param i32))) (core instance $i (instantiate $m)))");
        bytes = [.. bytes[..^0], 0x08, 0x06, 0x01, 0x00, 0x00, 0x63, 0x00, 0x00];
        Exception inProcess = Assert.ThrowsAny<Exception>(() => Component.Load(_engine, bytes));
        Exception outside = await Assert.ThrowsAnyAsync<Exception>(() => _compiler.LoadAsync(_engine, bytes, cancellationToken: Token));
        Assert.Equal(inProcess.GetType(), outside.GetType());
        Assert.Equal(inProcess.Message, outside.Message);
    }

    [Fact]
    public async Task A_module_with_a_wrong_body_is_refused()
    {
        // (func (result i32) end)
        byte[] bytes = [.. "\0asm\u0001\0\0\0"u8, 1, 5, 1, 0x60, 0, 1, 0x7F, 3, 2, 1, 0, 10, 4, 1, 2, 0, 0x0B];
        await Assert.ThrowsAsync<InvalidModuleException>(() => _compiler.LoadModuleAsync(_engine, bytes, cancellationToken: Token));
    }

    [Fact]
    public async Task Compiling_that_takes_too_long_is_ended()
    {
        // Less than the worker's own start takes: whatever is compiled, it is too long.
        byte[] module = Module(Body(20_000, [0x03, 0x40], [0x0B]));
        CompileLimitException late = await Assert.ThrowsAsync<CompileLimitException>(
            () => _compiler.LoadModuleAsync(_engine, module, new CompileLimits { MaxTime = TimeSpan.FromMilliseconds(10) }, Token));
        Assert.Equal("compile-time", late.Limit);
        Assert.Contains("0.01 s", late.Message, StringComparison.Ordinal);
    }

    // The clock stands still but for what the test says. The worker that never answers is a shell that waits.
    [Theory]
    [BudgetTest("compile-time", Edge.Reached)]
    [BudgetTest("compile-time", Edge.PassedByOne)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Compiling_may_take_its_time_and_not_a_millisecond_more(bool isLate)
    {
        var time = new FakeTimeProvider();
        using var compiler = new OutOfProcessCompiler(_cache, isLate ? new WorkerCommand("/bin/sh", ["-c", "cat >/dev/null; sleep 1000"]) : Worker, time: time);
        var limits = new CompileLimits { MaxTime = TimeSpan.FromSeconds(100) };
        Task<Module> compiling = compiler.LoadModuleAsync(_engine, WatCompiler.Compile("(module (func (export \"f\")))"), limits, Token);
        time.Advance(limits.MaxTime - TimeSpan.FromMilliseconds(1));
        if (isLate)
        {
            Assert.False(compiling.IsCompleted);
            time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal("compile-time", (await Assert.ThrowsAsync<CompileLimitException>(() => compiling)).Limit);
        }
        else
        {
            (await compiling).Dispose();
        }
    }

    // In a process of its own, which maps memory and does nothing else: exactly what is left of the limit, then what is left and a page.
    [Fact]
    [BudgetTest("compile-memory", Edge.Reached)]
    [BudgetTest("compile-memory", Edge.PassedByOne)]
    public async Task Compiling_may_take_its_memory_and_not_a_page_more()
    {
        using var process = Process.Start(new ProcessStartInfo(Worker.FileName, MemoryEdge.Switch) { RedirectStandardOutput = true })!;
        string said = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.Equal("reached: mapped, passed by a page: refused", said.Trim());
    }

    [Fact]
    public async Task Compiling_that_takes_too_much_memory_is_ended()
    {
        byte[] bomb = Module(Body(1_000_000, [0x41, 1, 0x1A, 0x41, 2, 0x1A], []));
        CompileLimitException full = await Assert.ThrowsAsync<CompileLimitException>(
            () => _compiler.LoadModuleAsync(_engine, bomb, new CompileLimits { MaxMemoryBytes = 64 << 20 }, Token));
        Assert.Equal("compile-memory", full.Limit);
    }

    [Fact]
    public async Task A_binary_that_is_too_large_never_reaches_a_worker()
    {
        CompileLimitException large = await Assert.ThrowsAsync<CompileLimitException>(
            () => _compiler.LoadModuleAsync(_engine, new byte[11], new CompileLimits { MaxBinaryBytes = 10 }, Token));
        Assert.Equal("component-size", large.Limit);
    }

    [Fact]
    public async Task A_compiler_that_crashes_costs_one_clear_error()
    {
        using var compiler = new OutOfProcessCompiler(_cache, new WorkerCommand("/bin/sh", ["-c", "echo 'assertion failed: oh' >&2; kill -ABRT $$"]));
        WorkerException crash = await Assert.ThrowsAsync<WorkerException>(() => compiler.LoadModuleAsync(_engine, new byte[8], cancellationToken: Token));
        Assert.Contains("status 134", crash.Message, StringComparison.Ordinal);
        Assert.Contains("assertion failed: oh", crash.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nonexistent/worker", "cannot be started")]
    [InlineData("/bin/echo", "does not know that it is one")]
    public async Task A_program_that_is_no_worker_is_named(string program, string expected)
    {
        using var compiler = new OutOfProcessCompiler(_cache, new WorkerCommand(program, []));
        WorkerException error = await Assert.ThrowsAsync<WorkerException>(() => compiler.LoadModuleAsync(_engine, new byte[8], cancellationToken: Token));
        Assert.Contains(program, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_mark_or_module_is_compiled_again()
    {
        byte[] bytes = WatCompiler.Compile(Answer);
        (await _compiler.LoadAsync(_engine, bytes, cancellationToken: Token)).Dispose();
        foreach (FileInfo file in _directory.GetFiles())
        {
            byte[] content = await File.ReadAllBytesAsync(file.FullName, Token);
            content[content.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file.FullName, content, Token);
            Assert.Null(Component.TryLoadCompiled(_engine, bytes, _cache, Token));
            (await _compiler.LoadAsync(_engine, bytes, cancellationToken: Token)).Dispose();
        }
    }

    [Fact]
    public async Task A_worker_ends_with_its_parent()
    {
        using var process = Process.Start(new ProcessStartInfo(Worker.FileName, WorkerCommand.Switch + "compile") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        byte[] bomb = Module(Body(20_000, [0x03, 0x40], [0x0B]));
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(
            new CompileRequest(_engine.Options, _directory.FullName, 1L << 30, bomb.Length), CompileJson.Default.CompileRequest);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, json.Length);
        await process.StandardInput.BaseStream.WriteAsync((byte[])[.. length, .. json, .. bomb], Token);
        await process.StandardInput.BaseStream.FlushAsync(Token);
        process.StandardInput.Close();
        await process.WaitForExitAsync(Token);
        Assert.Equal(137, process.ExitCode);
    }

    private static byte[] Body(int count, ReadOnlySpan<byte> begin, ReadOnlySpan<byte> end)
    {
        var body = new List<byte> { 0 };
        for (int i = 0; i < count; i++)
            body.AddRange(begin);
        for (int i = 0; i < count; i++)
            body.AddRange(end);
        body.Add(0x0B);
        return [.. body];
    }

    private static byte[] Module(byte[] body)
    {
        byte[] code = [1, .. Leb(body.Length), .. body];
        return [.. "\0asm\u0001\0\0\0"u8, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, .. Leb(code.Length), .. code];
    }

    private static byte[] Leb(int value)
    {
        var bytes = new List<byte>();
        for (; value > 0x7F; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
