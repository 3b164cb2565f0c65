using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace Windhover.Bench.Ratios;

// On a machine that does other work too, two benchmarks that run one after the other meet different machines. Here the benchmarks of one class take
// turns of 50 ms, and the ratio to the baseline is that of their medians:
//
//   round 1   baseline · a · b · c
//   round 2   a · b · c · baseline            each round begins one further
//   …
//
// It runs the very methods that BenchmarkDotNet runs, found by its attributes.
internal static class InterleavedRun
{
    private const int Rounds = 21;
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(50);

    public static int Run(string filter)
    {
        foreach (Type type in typeof(InterleavedRun).Assembly.GetTypes()
            .Where(t => !t.IsAbstract && Methods<BenchmarkAttribute>(t).Any() && t.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))
            .OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            object instance = Activator.CreateInstance(type)!;
            foreach (MethodInfo setup in Methods<GlobalSetupAttribute>(type))
                setup.Invoke(instance, null);
            Console.WriteLine($"\n{type.Name}\n\n| benchmark | median | least | ratio to baseline | bytes allocated |\n| --- | --- | --- | --- | --- |");
            foreach (IGrouping<string, MethodInfo> category in Methods<BenchmarkAttribute>(type).GroupBy(Category))
                Measure(instance, category);
            foreach (MethodInfo cleanup in Methods<GlobalCleanupAttribute>(type))
                cleanup.Invoke(instance, null);
        }

        return 0;
    }

    private static void Measure(object instance, IEnumerable<MethodInfo> methods)
    {
        Subject[] subjects = [.. methods.Select(m => new Subject(instance, m))];
        foreach (Subject subject in subjects)
            subject.Calibrate(s_turn);
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < subjects.Length; i++)
                subjects[(i + round) % subjects.Length].Turn();
        }

        double baseline = subjects.FirstOrDefault(s => s.IsBaseline)?.Median ?? 0;
        foreach (Subject subject in subjects)
        {
            string ratio = baseline == 0 ? "" : subject.IsBaseline ? "1" : (subject.Median / baseline).ToString("0.00", CultureInfo.InvariantCulture);
            Console.WriteLine($"| {subject.Name} | {Time(subject.Median)} | {Time(subject.Least)} | {ratio} | {subject.Allocated:0} |");
        }
    }

    private static string Time(double nanoseconds) => nanoseconds switch
    {
        >= 1e6 => (nanoseconds / 1e6).ToString("0.00 ms", CultureInfo.InvariantCulture),
        >= 1e3 => (nanoseconds / 1e3).ToString("0.00 µs", CultureInfo.InvariantCulture),
        _ => nanoseconds.ToString("0.0 ns", CultureInfo.InvariantCulture),
    };

    private static IEnumerable<MethodInfo> Methods<T>(Type type)
        where T : Attribute =>
        type.GetMethods(BindingFlags.Public | BindingFlags.Instance).Where(m => m.IsDefined(typeof(T))).OrderBy(m => m.MetadataToken);

    private static string Category(MethodInfo method) => method.GetCustomAttribute<BenchmarkCategoryAttribute>()?.Categories[0] ?? "";

    private sealed class Subject
    {
        private readonly Action _run;
        private readonly int _operations;
        private readonly List<double> _samples = [];
        private int _count = 1;

        public Subject(object instance, MethodInfo method)
        {
            BenchmarkAttribute attribute = method.GetCustomAttribute<BenchmarkAttribute>()!;
            Name = attribute.Description ?? method.Name;
            IsBaseline = attribute.Baseline;
            _operations = attribute.OperationsPerInvoke;
            _run = method.ReturnType == typeof(void)
                ? method.CreateDelegate<Action>(instance)
                : throw new InvalidOperationException($"{method.Name}: a benchmark here returns nothing and checks its own result.");
        }

        public string Name { get; }

        public bool IsBaseline { get; }

        public double Allocated { get; private set; }

        public double Median => _samples.Order().ElementAt(_samples.Count / 2);

        public double Least => _samples.Min();

        public void Calibrate(TimeSpan turn)
        {
            // Long enough for tiered compilation to have replaced the code twice.
            long end = Stopwatch.GetTimestamp() + Stopwatch.Frequency / 2;
            int calls = 0;
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetTimestamp() < end || calls == 0)
            {
                _run();
                calls++;
            }

            _count = (int)Math.Max(1, calls * turn.TotalSeconds / Stopwatch.GetElapsedTime(start).TotalSeconds);
            long before = GC.GetAllocatedBytesForCurrentThread();
            _run();
            Allocated = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / _operations;
        }

        public void Turn()
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < _count; i++)
                _run();
            _samples.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / _count / _operations);
        }
    }
}
