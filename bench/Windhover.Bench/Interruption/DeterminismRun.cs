using System.Security.Cryptography;
using System.Text;
using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Wasi;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Determinism;
using Windhover.Wasi.P2;

namespace Windhover.Bench.Interruption;

// The same module and input, again and again, on all cores at once: one output and one amount of fuel per guest, however often.
internal static class DeterminismRun
{
    private const ulong Fuel = 1UL << 50;

    private static readonly (string File, string[] Arguments, string Input)[] s_guests =
    [
        ("c-cli.wasm", ["random", "64"], ""), ("c-cli.wasm", ["time"], ""), ("c-cli.wasm", ["sleep", "3600000"], ""), ("c-cli.wasm", ["upper"], "some words\nmore\n"),
        ("rust-cli.wasm", ["count"], "a b a c b a d e f g"), ("rust-cli.wasm", ["panic"], ""), ("c-cli-p2.wasm", ["random", "64"], ""),
        ("c-cli-p2.wasm", ["sleep", "3600000"], ""), ("c-cli-p2.wasm", ["time"], ""), ("rust-cli-p2.wasm", ["count"], "a b a c b a d e f g"),
    ];

    public static int Run(int runs)
    {
        using var engine = new WasmEngine(new EngineOptions
        {
            MaxInstances = 16,
            Fuel = true,
            Interruption = Engine.Interruption.None,
            CanonicalizeNaN = true,
            DeterministicRelaxedSimd = true,
        });
        bool all = true;
        Console.WriteLine("| guest | runs | outputs | amounts of fuel | fuel |\n| --- | --- | --- | --- | --- |");
        foreach ((string file, string[] arguments, string input) in s_guests)
        {
            byte[] binary = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", file));
            Func<(string Output, ulong Fuel)> run = file.Contains("-p2", StringComparison.Ordinal)
                ? Component(engine, binary, [file, .. arguments], input)
                : Core(engine, binary, [file, .. arguments], input);
            var results = new (string Output, ulong Fuel)[runs];
            Parallel.For(0, runs, i => results[i] = run());
            int outputs = results.DistinctBy(r => r.Output).Count(), fuels = results.DistinctBy(r => r.Fuel).Count();
            all &= outputs == 1 && fuels == 1;
            Console.WriteLine($"| {file} {string.Join(' ', arguments)} | {runs} | {outputs} | {fuels} | {results[0].Fuel} |");
        }

        return all ? 0 : 1;
    }

    private static Func<(string Output, ulong Fuel)> Core(WasmEngine engine, byte[] binary, string[] arguments, string input)
    {
        Module module = Module.Compile(engine, binary);
        return () =>
        {
            using var output = new MemoryStream();
            using var linker = new Linker(engine);
            var world = new DeterministicWorld(7);
            linker.DefineWasiPreview1(world);
            using var store = new Store(engine);
            store.SetWasi(new WasiPreview1Config
            {
                Arguments = arguments,
                StandardInput = WasiInput.FromBytes(Encoding.UTF8.GetBytes(input)),
                StandardOutput = WasiOutput.To(output.Write),
                StandardError = WasiOutput.To(output.Write),
            });
            store.SetFuel(Fuel);
            Instance instance = linker.Instantiate(store, module);
            world.Bind(store, instance);
            string ending = "";
            try
            {
                instance.GetFunction(store, "_start").Call(store, []);
            }
            catch (Exception exception) when (exception is GuestExitException or TrapException)
            {
                ending = exception.Message;
            }

            return (Digest(output, ending), Fuel - store.GetFuel());
        };
    }

    private static Func<(string Output, ulong Fuel)> Component(WasmEngine engine, byte[] binary, string[] arguments, string input)
    {
        Component component = Components.Linking.Component.Load(engine, binary);
        PreparedComponent prepared = new ComponentLinker(engine).AddWasiP2(static state => (WasiContext)state!).Prepare(component);
        ExportedFunction function = prepared.FindFunction("wasi:cli/run@0.2.0", "run") ?? throw new InvalidOperationException("no run");
        return () =>
        {
            using var output = new MemoryStream();
            var world = new DeterministicWorld(7);
            var time = new DeterministicTime(world);
            using var wasi = new WasiContext(
                new WasiOptions
                {
                    Arguments = arguments,
                    Stdin = InputGrant.FromBytes(Encoding.UTF8.GetBytes(input)),
                    Stdout = OutputGrant.ToStream(output),
                    Stderr = OutputGrant.ToStream(output),
                    Time = time,
                    SecureRandom = world.Fill,
                    InsecureRandomSeed = world.Seed,
                },
                time);
            using var store = new Store(engine);
            store.SetFuel(Fuel);
            using ComponentInstance instance = prepared.Instantiate(store, wasi);
            string ending = "";
            try
            {
                instance.CallAsync(function, []).GetAwaiter().GetResult();
            }
            catch (Exception exception) when (exception is UnwindException or TrapException)
            {
                ending = exception.Message;
            }

            return (Digest(output, ending), Fuel - store.GetFuel());
        };
    }

    private static string Digest(MemoryStream output, string ending) =>
        Convert.ToHexString(SHA256.HashData([.. output.ToArray(), .. Encoding.UTF8.GetBytes(ending)]));
}
