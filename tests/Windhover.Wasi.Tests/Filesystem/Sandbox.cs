using Windhover.Engine;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Filesystem.Unix;

namespace Windhover.Wasi.Tests.Filesystem;

/// <summary>
/// <code>
///   outer/secret.txt          "secret": no guest may read it, or learn that it is there
///   outer/inside/             granted
/// </code>
/// </summary>
internal sealed class Sandbox : IDisposable
{
    public const string Secret = "secret";

    private readonly DirectoryGrant _grant;

    public Sandbox(PathResolution resolution, bool writable = true, Budget? budget = null)
    {
        Outer = Directory.CreateTempSubdirectory("windhover-").FullName;
        Inside = Directory.CreateDirectory(Path.Combine(Outer, "inside")).FullName;
        File.WriteAllText(Path.Combine(Outer, "secret.txt"), Secret);
        _grant = DirectoryGrant.Open(Inside, "/", writable, resolution);
        Context = Guest.Context(new WasiOptions { Directories = [_grant], Budget = budget ?? Budget.Default });
        Root = Context.GetDirectories()[0].Directory;
    }

    public string Outer { get; }

    public string Inside { get; }

    public WasiContext Context { get; }

    public Descriptor Root { get; }

    public static TheoryData<bool> Both => [false, true];

    public static PathResolution Resolution(bool walk) => walk ? PathResolution.Walk : PathResolution.Kernel;

    public string PathOf(string name) => Path.Combine(Inside, name);

    public void Dispose()
    {
        Context.Dispose();
        _grant.Dispose();
        Directory.Delete(Outer, recursive: true);
    }
}
