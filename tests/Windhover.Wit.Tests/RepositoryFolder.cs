namespace Windhover.Wit.Tests;

/// <summary>Finds files of the repository from the folder the tests run in.</summary>
internal static class RepositoryFolder
{
    public static string Find(string relative)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Windhover.slnx")))
                return Path.Combine(folder, relative);
        }
        throw new DirectoryNotFoundException("The folder of the repository was not found above the tests.");
    }
}
