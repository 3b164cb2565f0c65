// Answers requests, takes messages, runs at times: whatever calls it, it is a program with arguments, environment, standard input and output.
using Microsoft.Win32.SafeHandles;

if (Environment.GetEnvironmentVariable("REQUEST_METHOD") is not null)
    Console.Write($"Content-Type: text/plain\n\nHello, {Environment.GetEnvironmentVariable("PATH_INFO")}\n");
else
    Console.Write($"called by {Environment.GetEnvironmentVariable("WINDHOVER_TRIGGER")}\n");

Console.Write(StandardInput());

// Console.In is not there: this .NET was made for browsers.
static string StandardInput()
{
    using var input = new StreamReader(new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, 1));
    return input.ReadToEnd();
}
