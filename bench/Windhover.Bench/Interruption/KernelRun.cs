using System.Diagnostics;
using System.Globalization;
using Windhover.Engine;

namespace Windhover.Bench.Interruption;

// What interruption costs: the kernels of guests/kernels, compiled uninterruptible, with epochs and with guard pages, in turns of 10 ms that go round, so
// that all three meet the same machine. The ratio is that of the medians; the least one of each is beside it.
internal static class KernelRun
{
    private const int Rounds = 151;
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(10);
    private static readonly Engine.Interruption[] s_kinds = [Engine.Interruption.None, Engine.Interruption.Epoch, Engine.Interruption.GuardPage];

    public static int Run(string filter)
    {
        Console.WriteLine("| kernel | uninterruptible | epoch ÷ | guard page ÷ | least: epoch ÷ | least: guard page ÷ |\n| --- | --- | --- | --- | --- | --- |");
        double worst = 0;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "kernels"), "*.wasm").Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileNameWithoutExtension(file);
            if (name.Contains(filter, StringComparison.OrdinalIgnoreCase))
                worst = Math.Max(worst, Measure(name, File.ReadAllBytes(file)));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nworst guard page ratio: {worst:0.00}"));
        return worst <= 1.10 ? 0 : 1;
    }

    private static double Measure(string name, byte[] wasm)
    {
        Subject[] subjects = [.. s_kinds.Select(k => new Subject(k, wasm))];
        int rounds = subjects[0].Calibrate(s_turn);
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < subjects.Length; i++)
                subjects[(i + round) % subjects.Length].Turn(rounds);
        }

        if (subjects.Select(s => s.Result).Distinct().Count() != 1)
            throw new InvalidOperationException($"{name}: the results differ: {string.Join(", ", subjects.Select(s => s.Result))}.");
        double plain = subjects[0].Median, least = subjects[0].Least;
        double guard = subjects[2].Median / plain;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {plain:0.0} ms | {subjects[1].Median / plain:0.00} | {guard:0.00} | {subjects[1].Least / least:0.00} | {subjects[2].Least / least:0.00} |"));
        foreach (Subject subject in subjects)
            subject.Dispose();
        return guard;
    }

    private sealed class Subject : IDisposable
    {
        private readonly WasmEngine _engine;
        private readonly Module _module;
        private readonly Store _store;
        private readonly Function _run;
        private readonly List<double> _samples = [];

        public Subject(Engine.Interruption kind, byte[] wasm)
        {
            _engine = new WasmEngine(new EngineOptions { MaxInstances = 1, Interruption = kind });
            _module = Module.Compile(_engine, wasm);
            _store = new Store(_engine);
            if (kind != Engine.Interruption.None)
                _store.SetDeadline(TimeSpan.FromHours(1));
            _run = _store.Instantiate(_module, []).GetFunction(_store, "run");
        }

        public int Result { get; private set; }

        public double Median => _samples.Order().ElementAt(_samples.Count / 2);

        public double Least => _samples.Min();

        public int Calibrate(TimeSpan turn)
        {
            TimeSpan least = TimeSpan.MaxValue;
            for (int i = 0; i < 20; i++)
            {
                long start = Stopwatch.GetTimestamp();
                Call(1);
                TimeSpan took = Stopwatch.GetElapsedTime(start);
                least = took < least ? took : least;
            }

            return Math.Max(1, (int)(turn / least));
        }

        public void Turn(int rounds)
        {
            long start = Stopwatch.GetTimestamp();
            Call(rounds);
            _samples.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        public void Dispose()
        {
            _store.Dispose();
            _module.Dispose();
            _engine.Dispose();
        }

        private void Call(int rounds)
        {
            Span<RawValue> slots = [(RawValue)rounds];
            _run.Call(_store, slots);
            Result = slots[0].I32;
        }
    }
}
