using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Windhover.Engine.Tests.Engine;

/// <summary>
/// Managed faults must survive in a process with an engine. What fails does so by taking the process down, so both tests run the scenario
/// below in a process of its own: this executable again, asked for the one explicit test.
/// </summary>
public sealed class SignalHandlersTests
{
    private const string SwitchVariable = "WINDHOVER_TEST_SIGNAL_FIX";
    private static readonly TimeSpan Scenario = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    public static bool IsLinux => OperatingSystem.IsLinux();

    [Fact]
    public async Task Managed_faults_survive_an_engine() => Assert.Equal("survived", await RunChild("on"));

    [Fact(Skip = "The hazard is one of Linux.", SkipUnless = nameof(IsLinux))]
    public async Task Without_the_fix_they_do_not() => Assert.NotEqual("survived", await RunChild("off"));

    [Fact(Explicit = true)]
    public void Child()
    {
        var mode = Environment.GetEnvironmentVariable(SwitchVariable);
        if (mode is null)
            return;
        AppContext.SetSwitch(SignalHandlers.OffSwitch, mode == "off");
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 10 });
        using var store = new Store(engine);
        var divide = Wat.Instantiate(store, """(module (func (export "f") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0))))""")
            .GetFunction(store, "f");
        for (var i = 0; i < 3; i++)
            Assert.Equal(TrapKind.IntegerDivisionByZero, Assert.Throws<TrapException>(() => divide.Call(store, new RawValue[1])).Kind);

        // Four threads in managed faults, one that stops them all the time.
        var watch = Stopwatch.StartNew();
        var threads = new List<Thread>
        {
            Start(() => Catch<NullReferenceException>(() => _ = Dereference(null))),
            Start(() => Catch<NullReferenceException>(() => _ = Dereference(null))),
            Start(() => Catch<DivideByZeroException>(() => _ = Divide(1, 0))),
            Start(() => Catch<DivideByZeroException>(() => _ = Divide(1, 0))),
            Start(() => GC.Collect(0, GCCollectionMode.Forced, blocking: true)),
        };
        threads.ForEach(t => t.Join());

        Thread Start(Action body)
        {
            var thread = new Thread(() =>
            {
                while (watch.Elapsed < Scenario)
                    body();
            });
            thread.Start();
            return thread;
        }
    }

    private static async Task<string> RunChild(string mode)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Windhover.Engine.Tests"))
        {
            ArgumentList = { "-method", typeof(SignalHandlersTests).FullName + "." + nameof(Child), "-explicit", "only" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[SwitchVariable] = mode;
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync();
        var errors = child.StandardError.ReadToEndAsync();
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            await child.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            child.Kill();
            return "hung";
        }
        var text = await output + await errors;
        if (child.ExitCode != 0)
            return $"exit code {child.ExitCode}: {text}";
        return text.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0", StringComparison.Ordinal) ? "survived" : text;
    }

    private static void Catch<T>(Action body) where T : Exception
    {
        try
        {
            body();
        }
        catch (T)
        {
            // What was asked for.
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Dereference(string? text) => text!.Length;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Divide(int a, int b) => a / b;
}
