using System.CommandLine;
using System.Text;
using Windhover.Cli.Errors;
using Windhover.Cli.Scaffolding;
using Windhover.Cli.Terminal;

namespace Windhover.Cli.Commands;

/// <summary><c>windhover new TRIGGER [FOLDER] --language L</c>: an app to begin with, for one of the triggers.</summary>
internal static class NewAppCommand
{
    private static readonly (string Name, string Description)[] s_triggers =
    [
        ("http", "Write an app that answers HTTP requests."),
        ("cron", "Write an app that runs at certain times."),
        ("queue", "Write an app that handles messages."),
        ("command", "Write an app whose command runs when the server starts."),
    ];

    public static IEnumerable<Command> CreateAll() => s_triggers.Select(trigger =>
    {
        var folder = new Argument<string?>("FOLDER") { Description = "Where to put it; its name is the app's [default: the trigger's name]", Arity = ArgumentArity.ZeroOrOne };
        var language = new Option<string>("--language", "-l")
        {
            Description = $"One of {string.Join(", ", Language.All.Select(l => l.Name))}",
            HelpName = "LANGUAGE",
            DefaultValueFactory = _ => "c",
        };
        var command = new Command(trigger.Name, trigger.Description) { folder, language };
        command.SetAction(parsed => Make(trigger.Name, parsed.GetValue(language)!, parsed.GetValue(folder)));
        return command;
    });

    private static int Make(string trigger, string languageName, string? folder)
    {
        var language = Language.All.FirstOrDefault(l => l.Name == languageName)
            ?? throw CliException.Usage(
                $"there is no template for `{languageName}`",
                $"the nearest is `{Language.All.MinBy(l => Distance.Between(l.Name, languageName))!.Name}`; there is {string.Join(", ", Language.All.Select(l => l.Name))}");
        var target = Path.GetFullPath(folder ?? trigger);
        var name = Name(Path.GetFileName(target.TrimEnd('/')));
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            throw CliException.Failure($"{folder ?? trigger} is not empty");
        foreach (var file in language.Files)
            Write(target, file, Read($"{language.Name}/{file}"));
        Write(target, "windhover.toml", Manifest(name, trigger, language));
        Write(target, ".gitignore", "app.wasm\n.windhover/\nnode_modules/\ntarget/\nobj/\nbin/\n");
        Streams.Output.WriteLine($"{folder ?? trigger}: windhover.toml, {string.Join(", ", language.Files)}");
        Streams.Output.WriteLine($"next: windhover build {folder ?? trigger} && windhover up {folder ?? trigger} --watch");
        return ExitStatus.Success;
    }

    private static string Manifest(string name, string trigger, Language language)
    {
        var text = new StringBuilder($"""
            name = "{name}"

            [component.app]
            source = "app.wasm"
            build = {"{"} command = '{language.BuildHere()}', watch = ["{language.Source}"] {"}"}


            """);
        text.Append(trigger switch
        {
            "http" => $"[[http]]\nroute = \"/{name}/{{**path}}\"\n",
            "cron" => "[[cron]]\nschedule = \"* * * * *\"      # minute hour day month weekday\ntime-zone = \"UTC\"\n",
            "queue" => $"""
                [[queue]]
                topic = "{name}"            # curl -H 'windhover-admin: 1' -d hello http://127.0.0.1:8080/_windhover/api/topics/{name}
                attempts = 5                # then into the topic {name}.dead
                backoff = "1s"

                """,
            _ => "[[start]]                   # runs once, before the app serves\n",
        });
        return text.ToString();
    }

    private static string Name(string folder)
    {
        var name = new string([.. folder.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Trim('-');
        return name.Length == 0 || !char.IsAsciiLetter(name[0]) ? "app" : name[..Math.Min(63, name.Length)];
    }

    private static string Read(string path)
    {
        using var stream = typeof(NewAppCommand).Assembly.GetManifestResourceStream("templates/" + path) ?? throw new InvalidOperationException($"The template {path} is not in the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static void Write(string folder, string file, string text)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
