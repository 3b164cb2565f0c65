using Shop.Shop.Rules.Log;

namespace Shop;

/// <summary>Lines of plug-ins, the last ones shown on the admin page. A plug-in may write what it likes, as often as it likes: lines are cut, and repeated ones counted.</summary>
internal sealed class PluginLog(ILogger<PluginLog> logger) : ILog
{
    private const int Kept = 20, MaxLength = 200;
    private readonly LinkedList<(string Line, int Times)> _lines = [];

    public string[] Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines.Select(l => l.Times == 1 ? l.Line : $"{l.Line} (×{l.Times})")];
        }
    }

    public void Write(string line)
    {
        if (line.Length > MaxLength)
            line = line[..MaxLength] + "…";
        lock (_lines)
        {
            if (_lines.Last?.Value is { } last && last.Line == line)
            {
                _lines.Last.Value = (line, last.Times + 1);
                return;
            }

            _lines.AddLast((line, 1));
            if (_lines.Count > Kept)
                _lines.RemoveFirst();
        }

        logger.LogInformation("Plug-in: {Line}", line);
    }
}
