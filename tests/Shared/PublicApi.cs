using System.Reflection;
using PublicApiGenerator;

namespace Windhover.Tests.Shared;

/// <summary>The public surface of an assembly changes only on purpose: a change shows as a difference of a text file in the repository.</summary>
internal static class PublicApi
{
    /// <param name="assembly">What is looked at.</param>
    /// <param name="record">The file, from the repository's root.</param>
    /// <param name="without">Namespaces that are left out, such as those of generated bindings.</param>
    public static void Check(Assembly assembly, string record, params string[] without)
    {
        var options = new ApiGeneratorOptions { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = ["System", "Microsoft", .. without] };
        string actual = assembly.GeneratePublicApi(options).ReplaceLineEndings("\n").Trim() + "\n", path = Path.Combine(Root, record);
        if (Environment.GetEnvironmentVariable("WINDHOVER_RECORD_API") == "1")
            File.WriteAllText(path, actual);
        string expected = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n").Trim() + "\n" : "";
        if (expected == actual)
            return;
        string[] old = expected.Split('\n'), now = actual.Split('\n');
        Assert.Fail($"""
            The public surface of {assembly.GetName().Name} is not what {record} says. If that is meant, run the test with WINDHOVER_RECORD_API=1 and commit the file.
            {string.Join('\n', old.Except(now).Select(l => "- " + l.Trim()))}
            {string.Join('\n', now.Except(old).Select(l => "+ " + l.Trim()))}
            """);
    }

    private static string Root
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Windhover.slnx")))
                folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }
}
