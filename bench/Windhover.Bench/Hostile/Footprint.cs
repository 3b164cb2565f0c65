using System.Globalization;

namespace Windhover.Bench.Hostile;

/// <summary>What a process takes of the machine.</summary>
internal readonly record struct Footprint(int ResidentMiB, int Maps, int Files, int Threads)
{
    public static Footprint Of(int process)
    {
        string[] status = File.ReadAllLines($"/proc/{process}/status");
        return new Footprint(
            Number("VmRSS:") >> 10, File.ReadLines($"/proc/{process}/maps").Count(), Directory.GetFileSystemEntries($"/proc/{process}/fd").Length, Number("Threads:"));

        int Number(string name) => int.Parse(
            status.First(l => l.StartsWith(name, StringComparison.Ordinal)).AsSpan(name.Length).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ResidentMiB} | {Maps} | {Files} | {Threads}");
}
