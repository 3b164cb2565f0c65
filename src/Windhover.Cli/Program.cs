using Windhover.Cli;
using Windhover.Hosting;

return WindhoverWorker.TryRun(args, out var status) ? status : CommandLine.Run(args);
