using System.CommandLine;
using Windhover.Cli.Errors;
using Windhover.Cli.New;
using Windhover.Cli.Terminal;
using Windhover.Wit;
using Windhover.Wit.Model;

namespace Windhover.Cli.Commands;

/// <summary><c>windhover new plugin --language L --wit DIR FOLDER</c>: a project for a plug-in of the host's world, in the author's language.</summary>
internal static class NewCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "Where the project is written; must not exist, or be empty" };
        var language = new Option<string>("--language", "-l")
        {
            Description = $"One of {string.Join(", ", PluginTemplate.Languages)}",
            Required = true,
            HelpName = "LANGUAGE",
        };
        language.AcceptOnlyFromAmong([.. PluginTemplate.Languages]);
        var wit = new Option<string>("--wit") { Description = "The host's WIT: a file, or a folder with dependencies in deps/", Required = true, HelpName = "PATH" };
        var world = new Option<string?>("--world") { Description = "The world, where there are several", HelpName = "WORLD" };
        var plugin = new Command("plugin", "Write a project for a plug-in, from the host's WIT.") { folder, language, wit, world };
        plugin.SetAction(parsed => Write(parsed.GetRequiredValue(folder), parsed.GetRequiredValue(language), parsed.GetRequiredValue(wit), parsed.GetValue(world)));
        var command = new Command("new", "Write a new project.") { plugin };
        foreach (Command app in NewAppCommand.CreateAll())
            command.Subcommands.Add(app);
        return command;
    }

    private static int Write(string folder, string language, string path, string? name)
    {
        (WitPackageSet packages, WitWorld world) = Parse(path, name);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw CliException.Usage($"{folder} is not empty", "name a folder that does not exist");
        IReadOnlyList<TemplateFile> files = PluginTemplate.Create(language, world);
        foreach (TemplateFile file in files)
        {
            string target = Path.Combine(folder, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, file.Text);
        }

        CopyWit(path, Path.Combine(folder, "wit"), packages.Main.Worlds.Count > 1 && packages.Main == world.Package ? world : null);
        Streams.Output.WriteLine($"{folder}: a plug-in of {world} in {language}. README.md says how to build it.");
        return ExitStatus.Success;
    }

    private static (WitPackageSet Packages, WitWorld World) Parse(string path, string? name)
    {
        try
        {
            WitPackageSet packages = Directory.Exists(path) ? WitResolver.ParseDirectory(path) : WitResolver.Parse(File.ReadAllText(path), path);
            return (packages, packages.SelectWorld(name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"{path}: {error.Message}", "give a .wit file, or a folder of them");
        }
        catch (WitException error)
        {
            throw CliException.Usage(error.Message, "mend the WIT, or name a world with --world");
        }
    }

    /// <summary>The host's WIT as it is; where its package has several worlds, only the one that is meant: some tools want no other.</summary>
    private static void CopyWit(string from, string to, WitWorld? only)
    {
        Directory.CreateDirectory(to);
        bool isFile = File.Exists(from);
        if (only?.Package is { } package)
        {
            string interfaces = string.Concat(package.Interfaces.Select(i => WitPrinter.Print(i) + "\n"));
            File.WriteAllText(Path.Combine(to, package.Name.Name + ".wit"), $"package {package.Name};\n\n{interfaces}{WitPrinter.Print(only)}");
        }

        foreach (string file in isFile ? [from] : Directory.EnumerateFiles(from, "*.wit", SearchOption.AllDirectories))
        {
            string relative = isFile ? Path.GetFileName(from) : Path.GetRelativePath(from, file), target = Path.Combine(to, relative);
            if (only is not null && !relative.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
