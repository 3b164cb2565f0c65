namespace Windhover.Wasi.Cli;

/// <summary>The guest ended itself by <c>wasi:cli/exit</c>. Not a fault: it unwinds the guest's stack up to whoever called it.</summary>
/// <param name="exitCode">0 means success.</param>
public sealed class WasiExitException(byte exitCode) : Exception($"The guest exited with code {exitCode}.")
{
    /// <summary>What the guest gave: 0 for success.</summary>
    public byte ExitCode => exitCode;
}
