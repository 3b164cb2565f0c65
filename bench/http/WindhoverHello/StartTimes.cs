using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Text;

/// <summary>Where the time to the first answer goes: with START_TIMES set, written to standard error once.</summary>
internal sealed class StartTimes
{
    private readonly DateTime _process = Process.GetCurrentProcess().StartTime.ToUniversalTime();
    private readonly List<(string What, double Ms, long Methods, double JitMs)> _notes = [];
    private bool _isPrinted;

    public static StartTimes? IfWanted()
    {
        if (Environment.GetEnvironmentVariable("START_TIMES") is null)
            return null;
        var times = new StartTimes();
        times.Note("main");
        return times;
    }

    public void Note(string what) =>
        _notes.Add((what, (DateTime.UtcNow - _process).TotalMilliseconds, JitInfo.GetCompiledMethodCount(), JitInfo.GetCompilationTime().TotalMilliseconds));

    public void Print()
    {
        if (Interlocked.Exchange(ref _isPrinted, true))
            return;
        var text = new StringBuilder("| until | ms since the process began | methods compiled | ms compiling |\n| --- | --- | --- | --- |\n");
        foreach (var (what, ms, methods, jit) in _notes)
            text.Append(CultureInfo.InvariantCulture, $"| {what} | {ms:F0} | {methods} | {jit:F0} |\n");
        Console.Error.Write(text);
    }
}
