// A console program in C#:
//   csharp-cli              "Hello from C#"
//   csharp-cli words [F]    how often each word occurs, from a file or standard input
//   csharp-cli json         reads a JSON array of numbers, writes its sum and mean as JSON
//   csharp-cli list DIR · copy FROM TO · env NAME
//   csharp-cli delay MS     a timer and two continuations after Main has returned
//   csharp-cli primes N · throw · exit N
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

switch (args)
{
    case []:
        Console.WriteLine("Hello from C#");
        break;
    case ["runtime"]:
        Console.WriteLine(RuntimeInformation.FrameworkDescription);
        break;
    case ["words", .. var file]:
        var text = file is [var path] ? File.ReadAllText(path) : StandardInput();
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        foreach (var word in words.CountBy(w => w).OrderByDescending(w => w.Value).ThenBy(w => w.Key, StringComparer.Ordinal))
            Console.WriteLine($"{word.Value} {word.Key}");
        break;
    case ["json"]:
        using (var document = JsonDocument.Parse(StandardInput()))
        using (var writer = new Utf8JsonWriter(Console.OpenStandardOutput()))
        {
            var numbers = document.RootElement.EnumerateArray().Select(n => n.GetDouble()).ToList();
            writer.WriteStartObject();
            writer.WriteNumber("sum", numbers.Sum());
            writer.WriteNumber("mean", numbers.Average());
            writer.WriteEndObject();
        }
        break;
    case ["list", var folder]:
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal))
            Console.WriteLine(Path.GetFileName(entry));
        break;
    case ["copy", var from, var to]:
        File.WriteAllBytes(to, File.ReadAllBytes(from));
        break;
    case ["env", var name]:
        Console.WriteLine(Environment.GetEnvironmentVariable(name) ?? "(unset)");
        break;
    case ["delay", var ms]:
        _ = Delay(int.Parse(ms));
        break;
    case ["primes", var limit]:
        Console.WriteLine(Primes(int.Parse(limit)));
        break;
    case ["throw"]:
        throw new InvalidOperationException("as asked");
    case ["exit", var status]:
        return int.Parse(status);
    default:
        Console.Error.WriteLine("csharp-cli: unknown command");
        return 2;
}
return 0;

// The class library is the browser's, where Console.In does not exist; descriptor 0 does.
static string StandardInput()
{
    using var descriptor = new SafeFileHandle(0, ownsHandle: false);
    using var reader = new StreamReader(new FileStream(descriptor, FileAccess.Read, bufferSize: 1));
    return reader.ReadToEnd();
}

static async Task Delay(int milliseconds)
{
    await Task.Delay(milliseconds);
    await Task.Yield();
    Console.WriteLine("done");
}

static int Primes(int limit)
{
    var composite = new bool[limit];
    var count = 0;
    for (var i = 2; i < limit; i++)
    {
        if (composite[i])
            continue;
        count++;
        for (var k = (long)i * i; k < limit; k += i)
            composite[k] = true;
    }
    return count;
}
