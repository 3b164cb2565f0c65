using System.Diagnostics;
using System.Text;
using Windhover.Engine;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Filesystem.Unix;

namespace Windhover.Wasi.Tests.Filesystem;

/// <summary>Attacks on the sandbox, each against both ways of resolving paths.</summary>
public sealed class EscapeTests
{
    private static readonly string[] s_escapes =
    [
        "..", "../", "../secret.txt", "./../secret.txt", "dir/../../secret.txt", "dir/../..", "/", "/etc/passwd", "//etc/passwd", "dir/../../inside/file",
        "up/secret.txt", "up/", "absolute/passwd", "chain/secret.txt", "secret-link/.", "dir/up2/secret.txt", "up/inside/file",
    ];

    [Fact]
    public void Linux_here_has_openat2() => Assert.Equal(PathResolution.Kernel, PathResolver.Best);

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void No_path_leads_out(bool walk)
    {
        using var sandbox = MakeTraps(walk);
        foreach (var path in s_escapes)
        {
            foreach (var follow in new[] { PathFlags.None, PathFlags.SymlinkFollow })
            {
                Guest.Fails(FsError.NotPermitted, sandbox.Root.StatAt(follow, path));
                Guest.Fails(FsError.NotPermitted, sandbox.Root.OpenAt(follow, path, OpenFlags.None, DescriptorFlags.Read));
                Guest.Fails(FsError.NotPermitted, sandbox.Root.OpenAt(follow, path, OpenFlags.Directory, DescriptorFlags.Read));
                // The kernel may say first that what ends in a slash cannot be created.
                Assert.Contains(sandbox.Root.OpenAt(follow, path, OpenFlags.Create, DescriptorFlags.Write).Error, new[] { FsError.NotPermitted, FsError.IsDirectory });
                Guest.Fails(FsError.NotPermitted, sandbox.Root.GetMetadataHashAt(follow, path));
                Guest.Fails(FsError.NotPermitted, sandbox.Root.SetTimesAt(follow, path, new(NewTimestampKind.Now), new(NewTimestampKind.Now)));
            }
            Guest.Fails(FsError.NotPermitted, sandbox.Root.CreateDirectoryAt(path));
            Guest.Fails(FsError.NotPermitted, sandbox.Root.RemoveDirectoryAt(path));
            Guest.Fails(FsError.NotPermitted, sandbox.Root.UnlinkFileAt(path));
            Guest.Fails(FsError.NotPermitted, sandbox.Root.ReadlinkAt(path));
            Guest.Fails(FsError.NotPermitted, sandbox.Root.SymlinkAt("x", path));
            Guest.Fails(FsError.NotPermitted, sandbox.Root.RenameAt("file", sandbox.Root, path));
            Guest.Fails(FsError.NotPermitted, sandbox.Root.RenameAt(path, sandbox.Root, "new"));
            Guest.Fails(FsError.NotPermitted, sandbox.Root.LinkAt(PathFlags.None, "file", sandbox.Root, path));
            Guest.Fails(FsError.NotPermitted, sandbox.Root.LinkAt(PathFlags.None, path, sandbox.Root, "new"));
        }
        Assert.Equal(Sandbox.Secret, File.ReadAllText(Path.Combine(sandbox.Outer, "secret.txt")));
        Assert.Equal(["inside", "secret.txt"], Directory.EnumerateFileSystemEntries(sandbox.Outer).Select(Path.GetFileName).Order());
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void Links_that_lead_out_are_not_followed_but_are_links(bool walk)
    {
        using var sandbox = MakeTraps(walk);
        foreach (var link in new[] { "up", "secret-link", "absolute", "absolute-file", "chain" })
        {
            Guest.Fails(FsError.NotPermitted, sandbox.Root.StatAt(PathFlags.SymlinkFollow, link));
            Guest.Fails(FsError.NotPermitted, sandbox.Root.OpenAt(PathFlags.SymlinkFollow, link, OpenFlags.None, DescriptorFlags.Read));
            Guest.Fails(FsError.NotPermitted, sandbox.Root.OpenAt(PathFlags.SymlinkFollow, link, OpenFlags.Create | OpenFlags.Truncate, DescriptorFlags.Write));
            Guest.Fails(FsError.Loop, sandbox.Root.OpenAt(PathFlags.None, link, OpenFlags.None, DescriptorFlags.Read));
            Assert.Equal(DescriptorType.SymbolicLink, Guest.Ok(sandbox.Root.StatAt(PathFlags.None, link)).Type);
        }
        Assert.Equal("..", Guest.Ok(sandbox.Root.ReadlinkAt("up")));
        Guest.Fails(FsError.NotPermitted, sandbox.Root.ReadlinkAt("absolute"));
        Guest.Fails(FsError.NotPermitted, sandbox.Root.SymlinkAt("/etc", "new"));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void A_child_directory_does_not_lead_to_its_parent(bool walk)
    {
        using var sandbox = MakeTraps(walk);
        using var child = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "dir", OpenFlags.Directory, DescriptorFlags.Read | DescriptorFlags.MutateDirectory));
        Guest.Fails(FsError.NotPermitted, child.OpenAt(PathFlags.None, "../file", OpenFlags.None, DescriptorFlags.Read));
        Guest.Fails(FsError.NotPermitted, child.StatAt(PathFlags.None, ".."));
        Guest.Fails(FsError.NotPermitted, child.RenameAt("../file", child, "file"));
        // …but the same paths stay within what the parent grants.
        Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "dir/../file", OpenFlags.None, DescriptorFlags.Read)).Dispose();
        Guest.Ok(sandbox.Root.StatAt(PathFlags.None, "dir/.."));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void A_directory_that_is_moved_out_takes_nothing_with_it(bool walk)
    {
        using var sandbox = MakeTraps(walk);
        using var child = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "dir", OpenFlags.Directory, DescriptorFlags.Read));
        Directory.Move(sandbox.PathOf("dir"), Path.Combine(sandbox.Outer, "moved"));
        Guest.Fails(FsError.NotPermitted, child.OpenAt(PathFlags.None, "../secret.txt", OpenFlags.None, DescriptorFlags.Read));
        Guest.Fails(FsError.NotPermitted, child.OpenAt(PathFlags.None, "up2/secret.txt", OpenFlags.None, DescriptorFlags.Read));
    }

    /// <summary>One thread exchanges a directory and a link that leads out, as fast as it can; the guest must never see what is behind the link.</summary>
    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void A_directory_that_becomes_a_link_meanwhile_does_not_lead_out(bool walk)
    {
        using var sandbox = MakeTraps(walk);
        Directory.CreateDirectory(sandbox.PathOf("swap"));
        File.WriteAllText(sandbox.PathOf("swap/secret.txt"), "harmless");
        File.CreateSymbolicLink(sandbox.PathOf("link"), "..");
        using var stop = new CancellationTokenSource();
        var attacker = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
                Exchange(sandbox.PathOf("swap"), sandbox.PathOf("link"));
        });
        attacker.Start();
        var (seen, refused) = (0, 0);
        try
        {
            // Until both states were met often enough, so that the race was really run.
            var clock = Stopwatch.StartNew();
            for (var i = 0; (i < 20_000 || seen < 100 || refused < 100) && clock.Elapsed < Guest.Patience; i++)
            {
                var opened = sandbox.Root.OpenAt(PathFlags.SymlinkFollow, "swap/secret.txt", OpenFlags.None, DescriptorFlags.Read);
                if (opened.IsOk)
                {
                    using var file = opened.Value;
                    Assert.Equal("harmless", Encoding.UTF8.GetString(Guest.Ok(file.Read(100, 0)).Bytes.Span));
                    seen++;
                }
                else
                {
                    refused++;
                }
                var created = sandbox.Root.CreateDirectoryAt("swap/made");
                if (created.IsOk)
                    sandbox.Root.RemoveDirectoryAt("swap/made");
                var linked = sandbox.Root.LinkAt(PathFlags.None, "swap/secret.txt", sandbox.Root, "stolen");
                if (linked.IsOk)
                {
                    Assert.Equal("harmless", File.ReadAllText(sandbox.PathOf("stolen")));
                    Guest.Ok(sandbox.Root.UnlinkFileAt("stolen"));
                }
            }
        }
        finally
        {
            stop.Cancel();
            attacker.Join();
        }
        Assert.True(seen >= 100 && refused >= 100, $"the race was not run: {seen} seen, {refused} refused");
        Assert.False(Directory.Exists(Path.Combine(sandbox.Outer, "made")));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void Magic_links_of_proc_lead_nowhere(bool walk)
    {
        using var grant = DirectoryGrant.Open("/proc/self", "/", writable: true, Sandbox.Resolution(walk));
        using var context = Guest.Context(new WasiOptions { Directories = [grant] });
        var root = context.GetDirectories()[0].Directory;
        foreach (var path in new[] { "cwd", "root", "exe", "fd/0", "root/etc/passwd", "cwd/.", "task/../fd/1" })
        {
            var opened = root.OpenAt(PathFlags.SymlinkFollow, path, OpenFlags.None, DescriptorFlags.Read);
            Assert.False(opened.IsOk, path);
            Assert.False(root.StatAt(PathFlags.SymlinkFollow, path).IsOk, path);
        }
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void Malformed_paths_are_refused(bool walk)
    {
        using var sandbox = MakeTraps(walk);
        Guest.Fails(FsError.NoEntry, sandbox.Root.StatAt(PathFlags.None, ""));
        Guest.Fails(FsError.Invalid, sandbox.Root.StatAt(PathFlags.None, "file\0"));
        Guest.Fails(FsError.Invalid, sandbox.Root.StatAt(PathFlags.None, "file\0/../.."));
        Guest.Fails(FsError.Invalid, sandbox.Root.SymlinkAt("a\0b", "new"));
        Guest.Fails(FsError.NameTooLong, sandbox.Root.StatAt(PathFlags.None, new string('a', 5000)));
        Guest.Fails(FsError.NameTooLong, sandbox.Root.StatAt(PathFlags.None, new string('a', 300)));
        Guest.Fails(FsError.NameTooLong, sandbox.Root.StatAt(PathFlags.None, string.Concat(Enumerable.Repeat("dir/../", 10_000))));
        Guest.Ok(sandbox.Root.StatAt(PathFlags.None, string.Concat(Enumerable.Repeat("dir/../", 500)) + "file"));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void Loops_of_links_end(bool walk)
    {
        using var sandbox = MakeTraps(walk);
        File.CreateSymbolicLink(sandbox.PathOf("self"), "self");
        File.CreateSymbolicLink(sandbox.PathOf("a"), "b/x");
        File.CreateSymbolicLink(sandbox.PathOf("b"), "a/y");
        Guest.Fails(FsError.Loop, sandbox.Root.StatAt(PathFlags.SymlinkFollow, "self"));
        Guest.Fails(FsError.Loop, sandbox.Root.StatAt(PathFlags.SymlinkFollow, "a"));
        Guest.Fails(FsError.Loop, sandbox.Root.OpenAt(PathFlags.SymlinkFollow, "self", OpenFlags.Create, DescriptorFlags.Write));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public async Task Fifos_and_devices_do_not_hold_the_host(bool walk)
    {
        using var sandbox = MakeTraps(walk);
        using var mkfifo = Process.Start("mkfifo", [sandbox.PathOf("fifo")]);
        await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        Guest.Fails(FsError.Unsupported, sandbox.Root.OpenAt(PathFlags.None, "fifo", OpenFlags.None, DescriptorFlags.Read));
        Guest.Fails(FsError.Unsupported, sandbox.Root.OpenAt(PathFlags.None, "fifo", OpenFlags.None, DescriptorFlags.Read | DescriptorFlags.Write));
        Guest.Fails(FsError.NoSuchDevice, sandbox.Root.OpenAt(PathFlags.None, "fifo", OpenFlags.None, DescriptorFlags.Write));
        Assert.Equal(DescriptorType.Fifo, Guest.Ok(sandbox.Root.StatAt(PathFlags.None, "fifo")).Type);

        using var devices = DirectoryGrant.Open("/dev", "/dev", writable: true, Sandbox.Resolution(walk));
        using var context = Guest.Context(new WasiOptions { Directories = [devices] });
        var root = context.GetDirectories()[0].Directory;
        Guest.Fails(FsError.Unsupported, root.OpenAt(PathFlags.None, "zero", OpenFlags.None, DescriptorFlags.Read));
        Guest.Fails(FsError.Unsupported, root.OpenAt(PathFlags.None, "null", OpenFlags.None, DescriptorFlags.Write));
        Assert.Equal(DescriptorType.CharacterDevice, Guest.Ok(root.StatAt(PathFlags.None, "zero")).Type);
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void A_guest_that_leaks_descriptors_gets_an_error(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk), budget: Budget.Default with { Files = 10 });
        File.WriteAllText(sandbox.PathOf("file"), "x");
        var open = new List<IDisposable>();
        for (var i = 0; i < 4; i++)
        {
            var file = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "file", OpenFlags.None, DescriptorFlags.Read));
            open.Add(file);
            open.Add(Guest.Ok(file.ReadViaStream(0)));
        }
        open.Add(Guest.Ok(sandbox.Root.ReadDirectory()));
        open.Add(Guest.Ok(sandbox.Root.ReadDirectory()));
        Guest.Fails(FsError.InsufficientMemory, sandbox.Root.ReadDirectory());
        Guest.Fails(FsError.InsufficientMemory, sandbox.Root.OpenAt(PathFlags.None, "file", OpenFlags.None, DescriptorFlags.Read));
        foreach (var item in open)
        {
            item.Dispose();
            item.Dispose();
        }
        Assert.Equal(0, sandbox.Context.Usage.Count(BudgetKind.Files));
        Guest.Fails(FsError.NoEntry, sandbox.Root.OpenAt(PathFlags.None, "missing", OpenFlags.None, DescriptorFlags.Read));
        Assert.Equal(0, sandbox.Context.Usage.Count(BudgetKind.Files));
    }

    private static Sandbox MakeTraps(bool walk)
    {
        var sandbox = new Sandbox(Sandbox.Resolution(walk));
        Directory.CreateDirectory(sandbox.PathOf("dir"));
        File.WriteAllText(sandbox.PathOf("file"), "file");
        File.CreateSymbolicLink(sandbox.PathOf("up"), "..");
        File.CreateSymbolicLink(sandbox.PathOf("dir/up2"), "../..");
        File.CreateSymbolicLink(sandbox.PathOf("secret-link"), "../secret.txt");
        File.CreateSymbolicLink(sandbox.PathOf("absolute"), "/etc");
        File.CreateSymbolicLink(sandbox.PathOf("absolute-file"), "/etc/passwd");
        File.CreateSymbolicLink(sandbox.PathOf("chain"), "dir/up2");
        return sandbox;
    }

    private static void Exchange(string left, string right) => Assert.Equal(0, Renameat2.Exchange(left, right));
}
