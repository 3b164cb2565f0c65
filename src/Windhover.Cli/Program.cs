using Windhover.Cli;

return CommandLine.Run(args);
