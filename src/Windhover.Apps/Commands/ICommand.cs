namespace Windhover.Apps.Commands;

/// <summary>A program: arguments, environment and input in; output and a status out. Each run has an instance of its own.</summary>
internal interface ICommand
{
    /// <summary>Runs it on the calling thread, which it may block: a guest thread.</summary>
    CommandResult Run(CommandInput input, CancellationToken aborted);
}

/// <summary>What a program is started with.</summary>
/// <param name="Arguments">Without the program's name.</param>
/// <param name="Environment">Beside what the manifest grants.</param>
/// <param name="Input">Standard input.</param>
/// <param name="Caller">For whom it runs; see <see cref="Wasi.WasiContext.Caller"/>.</param>
internal sealed record CommandInput(
    IReadOnlyList<string> Arguments, IReadOnlyList<KeyValuePair<string, string>> Environment, ReadOnlyMemory<byte> Input, object? Caller = null);

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">What it said; 0 is success.</param>
/// <param name="Output">What it printed.</param>
internal sealed record CommandResult(int ExitCode, ReadOnlyMemory<byte> Output);

/// <summary>Collects what a program prints, up to a limit; beyond, its writing fails.</summary>
internal sealed class OutputBuffer(long limit)
{
    private readonly System.Buffers.ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public bool TryAdd(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > limit - _bytes.WrittenCount)
            return false;
        bytes.CopyTo(_bytes.GetSpan(bytes.Length));
        _bytes.Advance(bytes.Length);
        return true;
    }
}
