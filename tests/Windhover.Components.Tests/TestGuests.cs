namespace Windhover.Components.Tests;

/// <summary>The committed guests of the repository.</summary>
internal static class TestGuests
{
    private static readonly string Root = FindRoot();

    public static byte[] Read(string path) => File.ReadAllBytes(Path.Combine(Root, "guests", path));

    private static string FindRoot()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "Windhover.slnx")))
                return d.FullName;
        }

        throw new InvalidOperationException("The tests run outside of the repository.");
    }
}
