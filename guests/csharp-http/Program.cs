// wasi:http in C#: JSON in, JSON out.
//   GET /            a greeting, the runtime and how often this instance was asked
//   POST /echo       the body
//   POST /sum        a JSON array of numbers → its sum; 400 when it is none
//   GET  /primes/N   how many primes are below N
//   GET  /throw      an exception that nobody catches: 500
using System.Text;
using System.Text.Json;

public static class Program
{
    private static int _requests = -1; // the start-up asks once

    public static byte[] Handle(string method, string path, byte[] body, ref int status)
    {
        _requests++;
        switch (path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            case []:
                return Json(w =>
                {
                    w.WriteString("hello", "C#");
                    w.WriteString("runtime", Environment.Version.ToString());
                    w.WriteString("method", method);
                    w.WriteNumber("requests", _requests);
                });
            case ["echo"]:
                return body;
            case ["sum"]:
                try
                {
                    using var document = JsonDocument.Parse(body);
                    var sum = document.RootElement.EnumerateArray().Sum(n => n.GetDouble());
                    return Json(w => w.WriteNumber("sum", sum));
                }
                catch (Exception e) when (e is JsonException or InvalidOperationException)
                {
                    status = 400;
                    return Json(w => w.WriteString("error", "an array of numbers is expected"));
                }
            case ["primes", var limit] when int.TryParse(limit, out var n) && n is >= 0 and <= 10_000_000:
                return Json(w => w.WriteNumber("primes", Primes(n)));
            case ["throw"]:
                throw new InvalidOperationException("as asked");
            default:
                status = 404;
                return Json(w => w.WriteString("error", "not found"));
        }
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static int Primes(int limit)
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
}
