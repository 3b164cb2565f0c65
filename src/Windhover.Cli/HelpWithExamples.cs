using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Windhover.Cli;

/// <summary>The usual help, and the command's examples below it.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string[]> Examples = new(StringComparer.Ordinal)
    {
        ["windhover"] = ["windhover run app.wasm", "windhover serve app.wasm", "windhover inspect app.wasm"],
        ["run"] =
        [
            "windhover run tool.wasm --verbose input.txt",
            "windhover run --dir ./data::/data:ro --env LANG=C tool.wasm /data/input.txt",
        ],
        ["serve"] =
        [
            "windhover serve app.wasm",
            "windhover serve --listen '*:80' --dir ./data::/data:ro --allow-host api.example.com app.wasm",
        ],
        ["call"] =
        [
            "windhover call calc.wasm add 2 3",
            "windhover call shop.wasm 'shop:api/orders@1.0.0#find' '{\"id\": 7}'",
        ],
        ["up"] = ["windhover up apps/ --watch", "windhover up --listen '*:80' --admin-listen 127.0.0.1:9000 apps/"],
        ["build"] = ["windhover build apps/"],
        ["new"] = ["windhover new http --language rust hello", "windhover new plugin --language c --wit shop.wit discount"],
        ["http"] = ["windhover new http hello", "windhover new http --language js hello"],
        ["ps"] = ["windhover ps", "windhover ps --json apps/"],
        ["top"] = ["windhover top apps/"],
        ["logs"] = ["windhover logs -f shop", "windhover logs --server http://127.0.0.1:8080 --json"],
        ["doctor"] = ["windhover doctor apps/"],
        ["inspect"] = ["windhover inspect app.wasm", "windhover inspect --json app.wasm"],
        ["compile"] = ["windhover compile app.wasm"],
    };

    public override int Invoke(ParseResult parseResult)
    {
        var status = help.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        if (Examples.TryGetValue(command is RootCommand ? "windhover" : command.Name, out var lines))
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var line in lines)
                output.WriteLine($"  {line}");
        }

        return status;
    }
}
