using Windhover.Cli;
using Windhover.Cli.Serving;
using Windhover.Hosting;

return WindhoverWorker.TryRun(args, AppsServing.AddBackends, out var status) ? status : CommandLine.Run(args);
