using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Windhover.Bench.Async;
using Windhover.Bench.Capabilities;
using Windhover.Bench.Hostile;
using Windhover.Bench.Interruption;
using Windhover.Bench.Ratios;
using Windhover.Hosting;

namespace Windhover.Bench;

internal static class Program
{
    /// <summary>
    /// <c>ratios [FILTER]</c>: the interleaved measurement of docs/benchmarks.md. <c>caps</c>: key-value stores. <c>streams [GB]</c>: memory over a long run of streams. Anything else: BenchmarkDotNet's own command line; without
    /// <c>--job</c> a short job in this process.
    /// </summary>
    private static int Main(string[] args)
    {
        if (args is ["caps"])
            return CapabilityRun.Run();
        if (args is ["streams", ..])
            return StreamRun.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100);
        if (args is ["ratios", ..])
            return InterleavedRun.Run(args.Length > 1 ? args[1] : "");
        if (args is ["interruption", ..])
            return Interrupt(args[1..]);
        if (args is ["hostile", ..])
        {
            // hostile [FILTER [PART PARTS [ROUNDS]]]: the attacks whose names the regular expression matches, and a part of them, for a machine that is not free for long.
            int[] numbers = [.. args.Skip(2).Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
            return HostileRun.RunAsync(args.Length > 1 ? args[1] : "", numbers is [var part, ..] ? part : 0, numbers is [_, var parts, ..] ? parts : 1, numbers is [_, _, var rounds] ? rounds : 3).GetAwaiter().GetResult();
        }

        if (args is ["hostile-server", var guests])
            return HostileServer.RunAsync(guests).GetAwaiter().GetResult();
        if (args is ["hostile-load", var address, var rate])
            return NeighbourProcess.Serve(new Uri(address), int.Parse(rate, CultureInfo.InvariantCulture));
        if (WindhoverWorker.TryRun(args, out int status))
            return status;
        IConfig config = DefaultConfig.Instance;
        if (!args.Contains("--job") && !args.Contains("-j"))
            config = config.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
        return 0;
    }

    /// <summary>The measurements of docs/interruption.md. The exit status is 1 when a figure is missed.</summary>
    private static int Interrupt(string[] args) => args switch
    {
        ["kernels"] => KernelRun.Run(""),
        ["kernels", var filter] => KernelRun.Run(filter),
        ["stop"] => StopRun.Run(),
        ["bulk"] => BulkRun.Run(),
        ["determinism", ..] => DeterminismRun.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1000),
        ["kills", ..] => KillRun.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000),
        _ => throw new ArgumentException("interruption kernels [FILTER] | stop | bulk | kills [COUNT] | determinism [RUNS]"),
    };
}
