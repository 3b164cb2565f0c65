using System.Diagnostics;
using System.Text;
using CsCheck;
using Windhover.Engine;
using Windhover.Wasi.Clocks;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Tests.Filesystem;

/// <summary>What descriptors do, with the errors that the outside test suites expect, by both ways of resolving paths.</summary>
public sealed class DescriptorTests
{
    private const DescriptorFlags ReadWrite = DescriptorFlags.Read | DescriptorFlags.Write;

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void Files_are_created_written_and_read(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk));
        using var file = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "file", OpenFlags.Create | OpenFlags.Exclusive, ReadWrite));
        Assert.Equal(5UL, Guest.Ok(file.Write("hello"u8, 0)));
        Assert.Equal(1UL, Guest.Ok(file.Write("!"u8, 8)));
        var (bytes, end) = Guest.Ok(file.Read(100, 0));
        Assert.Equal("hello\0\0\0!"u8.ToArray(), bytes.ToArray());
        Assert.False(end);
        Assert.True(Guest.Ok(file.Read(100, 9)).EndOfFile);
        Guest.Fails(FsError.Exist, sandbox.Root.OpenAt(PathFlags.None, "file", OpenFlags.Create | OpenFlags.Exclusive, ReadWrite));
        Guest.Fails(FsError.NoEntry, sandbox.Root.OpenAt(PathFlags.None, "missing", OpenFlags.None, DescriptorFlags.Read));
        Guest.Fails(FsError.Invalid, file.Read(1, ulong.MaxValue));
        Guest.Fails(FsError.FileTooLarge, file.Write("x"u8, ulong.MaxValue));

        using var truncated = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "file", OpenFlags.Truncate, ReadWrite));
        Assert.Equal(0UL, Guest.Ok(file.Stat()).Size);
        Guest.Ok(truncated.SetSize(42));
        Assert.Equal(42UL, Guest.Ok(file.Stat()).Size);
        Guest.Fails(FsError.FileTooLarge, truncated.SetSize(ulong.MaxValue));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void Flags_say_what_a_descriptor_was_opened_for(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk));
        File.WriteAllText(sandbox.PathOf("a.txt"), "a");
        Assert.Equal(DescriptorFlags.Read | DescriptorFlags.MutateDirectory, Guest.Ok(sandbox.Root.GetFlags()));
        Assert.Equal(DescriptorType.Directory, Guest.Ok(sandbox.Root.GetDescriptorType()));
        (string Path, OpenFlags Open, DescriptorFlags Asked, DescriptorFlags Reported)[] cases =
        [
            (".", OpenFlags.None, DescriptorFlags.None, DescriptorFlags.Read),
            (".", OpenFlags.Directory, DescriptorFlags.Read | DescriptorFlags.MutateDirectory, DescriptorFlags.Read | DescriptorFlags.MutateDirectory),
            ("a.txt", OpenFlags.None, DescriptorFlags.None, DescriptorFlags.Read),
            ("a.txt", OpenFlags.None, DescriptorFlags.Write, DescriptorFlags.Write),
            ("a.txt", OpenFlags.Exclusive, DescriptorFlags.None, DescriptorFlags.Read),
            ("c1", OpenFlags.Create | OpenFlags.Exclusive, DescriptorFlags.None, ReadWrite),
            ("c2", OpenFlags.Create | OpenFlags.Exclusive, DescriptorFlags.Read, ReadWrite),
            ("c3", OpenFlags.Create | OpenFlags.Exclusive, DescriptorFlags.Write, DescriptorFlags.Write),
        ];
        foreach (var (path, open, asked, reported) in cases)
        {
            using var descriptor = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, path, open, asked));
            Assert.Equal(reported, Guest.Ok(descriptor.GetFlags()));
        }
        Guest.Fails(FsError.IsDirectory, sandbox.Root.OpenAt(PathFlags.None, ".", OpenFlags.None, DescriptorFlags.Write));
        Guest.Fails(FsError.Invalid, sandbox.Root.OpenAt(PathFlags.None, "d", OpenFlags.Directory | OpenFlags.Create, DescriptorFlags.Read));
        Guest.Fails(FsError.NotDirectory, sandbox.Root.OpenAt(PathFlags.None, "a.txt", OpenFlags.Directory, DescriptorFlags.Read));
        Guest.Fails(FsError.NotDirectory, sandbox.Root.OpenAt(PathFlags.None, "a.txt/", OpenFlags.None, DescriptorFlags.Read));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void A_descriptor_does_only_what_it_was_opened_for(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk));
        File.WriteAllText(sandbox.PathOf("a.txt"), "a");
        using var reader = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "a.txt", OpenFlags.None, DescriptorFlags.Read));
        using var writer = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "a.txt", OpenFlags.None, DescriptorFlags.Write));
        Guest.Fails(FsError.BadDescriptor, reader.Write("x"u8, 0));
        Guest.Fails(FsError.BadDescriptor, reader.SetSize(1));
        Guest.Fails(FsError.BadDescriptor, reader.WriteViaStream(0));
        Guest.Fails(FsError.BadDescriptor, reader.AppendViaStream());
        Guest.Fails(FsError.BadDescriptor, writer.Read(1, 0));
        Guest.Fails(FsError.BadDescriptor, writer.ReadViaStream(0));
        Guest.Fails(FsError.NotDirectory, reader.StatAt(PathFlags.None, "."));
        Guest.Fails(FsError.NotDirectory, reader.OpenAt(PathFlags.None, "x", OpenFlags.Create, DescriptorFlags.Write));
        Guest.Fails(FsError.NotDirectory, reader.ReadDirectory());
        Guest.Fails(FsError.IsDirectory, sandbox.Root.Read(1, 0));
        Guest.Fails(FsError.IsDirectory, sandbox.Root.Write("x"u8, 0));
        Guest.Fails(FsError.IsDirectory, sandbox.Root.SetSize(0));
        Guest.Fails(FsError.IsDirectory, sandbox.Root.ReadViaStream(0));
        Guest.Ok(reader.Sync());
        Guest.Ok(writer.SyncData());
        Guest.Ok(sandbox.Root.Sync());
        Guest.Ok(reader.Advise(0, 100, Advice.WillNeed));
        Guest.Fails(FsError.Invalid, reader.Advise(ulong.MaxValue, 1, Advice.Normal));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void A_read_only_grant_changes_nothing(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk), writable: false);
        Directory.CreateDirectory(sandbox.PathOf("dir"));
        File.WriteAllText(sandbox.PathOf("file"), "file");
        File.CreateSymbolicLink(sandbox.PathOf("link"), "file");
        Assert.Equal(DescriptorFlags.Read, Guest.Ok(sandbox.Root.GetFlags()));
        using var dir = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "dir", OpenFlags.Directory, DescriptorFlags.Read));
        using var file = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "file", OpenFlags.None, DescriptorFlags.Read));
        var now = new NewTimestamp(NewTimestampKind.Now);
        foreach (var root in new[] { sandbox.Root, dir })
        {
            Guest.Fails(FsError.ReadOnly, root.OpenAt(PathFlags.None, "file", OpenFlags.None, DescriptorFlags.Write));
            Guest.Fails(FsError.ReadOnly, root.OpenAt(PathFlags.None, "file", OpenFlags.Truncate, DescriptorFlags.Read));
            Guest.Fails(FsError.ReadOnly, root.OpenAt(PathFlags.None, "new", OpenFlags.Create, DescriptorFlags.Read));
            Guest.Fails(FsError.ReadOnly, root.OpenAt(PathFlags.None, ".", OpenFlags.None, DescriptorFlags.MutateDirectory));
            Guest.Fails(FsError.ReadOnly, root.CreateDirectoryAt("new"));
            Guest.Fails(FsError.ReadOnly, root.RemoveDirectoryAt("dir"));
            Guest.Fails(FsError.ReadOnly, root.UnlinkFileAt("file"));
            Guest.Fails(FsError.ReadOnly, root.SymlinkAt("a", "b"));
            Guest.Fails(FsError.ReadOnly, root.RenameAt("file", root, "new"));
            Guest.Fails(FsError.ReadOnly, root.LinkAt(PathFlags.None, "file", root, "new"));
            Guest.Fails(FsError.ReadOnly, root.SetTimesAt(PathFlags.None, "file", now, now));
            Guest.Fails(FsError.ReadOnly, root.SetTimes(now, now));
        }
        Guest.Fails(FsError.ReadOnly, file.SetTimes(now, now));
        Assert.Equal("file", Guest.Ok(sandbox.Root.ReadlinkAt("link")));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void Streams_read_write_and_append(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk));
        var file = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "file", OpenFlags.Create, ReadWrite));
        var content = new byte[300_000];
        new global::System.Random(1).NextBytes(content);
        using (var output = Guest.Ok(file.WriteViaStream(10)))
            Guest.WriteAll(output, content);
        using (var output = Guest.Ok(file.AppendViaStream()))
            Guest.Ok(output.BlockingWriteAndFlush("end"u8));
        var input = Guest.Ok(file.ReadViaStream(10));
        file.Dispose(); // the stream keeps the file
        Assert.Equal([.. content, .. "end"u8], Guest.ReadAll(input));
        input.Dispose();
        Assert.Equal(0, sandbox.Context.Usage.Count(BudgetKind.Files));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void A_stream_that_fails_tells_why_once(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk));
        using var file = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "file", OpenFlags.Create, ReadWrite));
        using var output = Guest.Ok(file.WriteViaStream(long.MaxValue));
        Guest.Ok(output.CheckWrite());
        var failed = output.Write("too far"u8);
        Assert.Contains(failed.Error.GetFailure()?.Code, new object[] { FsError.FileTooLarge, FsError.Invalid });
        Guest.Fails(StreamErrors.Closed, output.CheckWrite());
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void Directories_are_listed_whole(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk));
        for (var i = 0; i < 1500; i++)
            File.WriteAllText(sandbox.PathOf($"a file with quite a long name, number {i}"), "");
        Directory.CreateDirectory(sandbox.PathOf("dir"));
        File.CreateSymbolicLink(sandbox.PathOf("link"), "nowhere");
        using var first = Guest.Ok(sandbox.Root.ReadDirectory());
        using var second = Guest.Ok(sandbox.Root.ReadDirectory());
        foreach (var stream in new[] { first, second })
        {
            var entries = new Dictionary<string, DescriptorType>();
            while (Guest.Ok(stream.ReadDirectoryEntry()) is { } entry)
                entries.Add(entry.Name, entry.Type);
            Assert.Equal(1502, entries.Count);
            Assert.Equal(DescriptorType.Directory, entries["dir"]);
            Assert.Equal(DescriptorType.SymbolicLink, entries["link"]);
            Assert.Equal(DescriptorType.RegularFile, entries["a file with quite a long name, number 7"]);
        }
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void Times_are_set_to_the_nanosecond(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk));
        File.WriteAllText(sandbox.PathOf("file"), "x");
        File.CreateSymbolicLink(sandbox.PathOf("link"), "file");
        var access = new Datetime(42, 1);
        var modification = new Datetime(69, 999_999_999);
        var fileBefore = Guest.Ok(sandbox.Root.StatAt(PathFlags.None, "file"));
        Guest.Ok(sandbox.Root.SetTimesAt(PathFlags.None, "link", new(NewTimestampKind.Timestamp, access), new(NewTimestampKind.Timestamp, modification)));
        var link = Guest.Ok(sandbox.Root.StatAt(PathFlags.None, "link"));
        Assert.Equal((access, modification), (link.AccessTime, link.ModificationTime));
        Assert.Equal(fileBefore.ModificationTime, Guest.Ok(sandbox.Root.StatAt(PathFlags.None, "file")).ModificationTime);

        Guest.Ok(sandbox.Root.SetTimesAt(PathFlags.SymlinkFollow, "link", new(NewTimestampKind.NoChange), new(NewTimestampKind.Timestamp, modification)));
        var file = Guest.Ok(sandbox.Root.StatAt(PathFlags.SymlinkFollow, "link"));
        Assert.Equal((fileBefore.AccessTime, (Datetime?)modification), (file.AccessTime, file.ModificationTime));

        using var open = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "file", OpenFlags.None, DescriptorFlags.Read));
        Guest.Ok(open.SetTimes(new(NewTimestampKind.Timestamp, access), new(NewTimestampKind.NoChange)));
        Assert.Equal(access, Guest.Ok(open.Stat()).AccessTime);
        Guest.Fails(FsError.Invalid, open.SetTimes(new(NewTimestampKind.Timestamp, new Datetime(1, 1_000_000_000)), new(NewTimestampKind.Now)));
        Guest.Fails(FsError.Overflow, open.SetTimes(new(NewTimestampKind.OutOfRange), new(NewTimestampKind.Now)));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void Directories_are_made_and_removed(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk));
        var root = sandbox.Root;
        File.WriteAllText(sandbox.PathOf("a.txt"), "a");
        Guest.Fails(FsError.Exist, root.CreateDirectoryAt("."));
        Guest.Fails(FsError.Exist, root.CreateDirectoryAt("a.txt"));
        Guest.Ok(root.CreateDirectoryAt("q/"));
        Guest.Fails(FsError.Exist, root.CreateDirectoryAt("q"));
        Guest.Ok(root.CreateDirectoryAt("q/r///"));
        Guest.Fails(FsError.NotEmpty, root.RemoveDirectoryAt("q"));
        Guest.Ok(root.RemoveDirectoryAt("q/r/"));
        Guest.Ok(root.RemoveDirectoryAt("q////"));
        Guest.Fails(FsError.Invalid, root.RemoveDirectoryAt("."));
        Guest.Fails(FsError.NotDirectory, root.RemoveDirectoryAt("a.txt"));
        Guest.Fails(FsError.NotDirectory, root.RemoveDirectoryAt("a.txt/"));
        Guest.Fails(FsError.NoEntry, root.RemoveDirectoryAt("z"));
        Guest.Fails(FsError.NoEntry, root.CreateDirectoryAt("z/y"));
        Guest.Ok(root.CreateDirectoryAt("dir"));
        Guest.Fails(FsError.IsDirectory, root.UnlinkFileAt("dir"));
        Guest.Fails(FsError.IsDirectory, root.UnlinkFileAt("dir/"));
        Guest.Fails(FsError.IsDirectory, root.UnlinkFileAt("."));
        Guest.Fails(FsError.NotDirectory, root.UnlinkFileAt("a.txt/"));
        Guest.Ok(root.UnlinkFileAt("a.txt"));
        Guest.Fails(FsError.NoEntry, root.UnlinkFileAt("a.txt"));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void Names_are_changed(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk));
        var root = sandbox.Root;
        File.WriteAllText(sandbox.PathOf("a"), "a");
        Directory.CreateDirectory(sandbox.PathOf("dir"));
        using var dir = Guest.Ok(root.OpenAt(PathFlags.None, "dir", OpenFlags.Directory, DescriptorFlags.MutateDirectory));
        Guest.Ok(root.RenameAt("a", root, "a"));
        Guest.Ok(root.RenameAt("a", dir, "b"));
        Guest.Fails(FsError.NoEntry, root.RenameAt("a", dir, "b"));
        Guest.Ok(dir.RenameAt("b", root, "a"));
        Guest.Fails(FsError.Busy, root.RenameAt(".", root, "q"));
        Guest.Ok(root.RenameAt("dir/", root, "other/"));
        Guest.Ok(root.RenameAt("other", root, "dir"));
        Guest.Fails(FsError.IsDirectory, root.RenameAt("a", root, "dir"));
        Guest.Fails(FsError.NotDirectory, root.RenameAt("dir", root, "a"));
        Guest.Fails(FsError.NotDirectory, root.RenameAt("a/", root, "b"));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void Links_are_made_and_read(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk));
        var root = sandbox.Root;
        File.WriteAllText(sandbox.PathOf("a.txt"), "a");
        Directory.CreateDirectory(sandbox.PathOf("dir"));
        Guest.Ok(root.SymlinkAt("../a.txt", "dir/link"));
        Assert.Equal("../a.txt", Guest.Ok(root.ReadlinkAt("dir/link")));
        Assert.Equal(DescriptorType.RegularFile, Guest.Ok(root.StatAt(PathFlags.SymlinkFollow, "dir/link")).Type);
        Guest.Ok(root.SymlinkAt("dir", "d"));
        Assert.Equal(DescriptorType.Directory, Guest.Ok(root.StatAt(PathFlags.None, "d/")).Type);
        Guest.Fails(FsError.Invalid, root.ReadlinkAt("a.txt"));
        Guest.Fails(FsError.Invalid, root.ReadlinkAt("d/"));
        Guest.Fails(FsError.NoEntry, root.SymlinkAt("source", "target/"));
        Guest.Fails(FsError.Exist, root.SymlinkAt("source", "dir/"));
        Guest.Fails(FsError.Exist, root.SymlinkAt("source", "a.txt"));
        Guest.Fails(FsError.NoEntry, root.SymlinkAt("", "new"));

        Guest.Ok(root.LinkAt(PathFlags.None, "a.txt", root, "dir/hard"));
        using var one = Guest.Ok(root.OpenAt(PathFlags.None, "a.txt", OpenFlags.None, DescriptorFlags.Read));
        using var two = Guest.Ok(root.OpenAt(PathFlags.None, "dir/hard", OpenFlags.None, DescriptorFlags.Read));
        Assert.True(one.IsSameObject(two));
        Assert.False(one.IsSameObject(root));
        Assert.Equal(Guest.Ok(one.GetMetadataHash()), Guest.Ok(root.GetMetadataHashAt(PathFlags.None, "dir/hard")));
        Assert.NotEqual(Guest.Ok(one.GetMetadataHash()), Guest.Ok(root.GetMetadataHash()));
        Assert.Equal(2UL, Guest.Ok(one.Stat()).LinkCount);
        Guest.Fails(FsError.Exist, root.LinkAt(PathFlags.None, "a.txt", root, "a.txt"));
        Guest.Fails(FsError.NotPermitted, root.LinkAt(PathFlags.None, "dir", root, "new"));
        Guest.Fails(FsError.NotPermitted, root.LinkAt(PathFlags.None, "dir/", root, "new"));
        Guest.Fails(FsError.NotPermitted, root.LinkAt(PathFlags.None, ".", root, "new"));
        Guest.Fails(FsError.NotDirectory, root.LinkAt(PathFlags.None, "a.txt/", root, "new"));
        Guest.Fails(FsError.NoEntry, root.LinkAt(PathFlags.None, "a.txt", root, "new/"));
        Guest.Fails(FsError.Invalid, root.LinkAt(PathFlags.SymlinkFollow, "a.txt", root, "new"));
        Guest.Ok(root.SymlinkAt("nowhere", "dangling"));
        Guest.Ok(root.LinkAt(PathFlags.None, "dangling", root, "dangling2"));
        Guest.Fails(FsError.Loop, root.OpenAt(PathFlags.None, "dangling", OpenFlags.None, DescriptorFlags.Read));
        Guest.Ok(root.OpenAt(PathFlags.SymlinkFollow, "dangling", OpenFlags.Create, DescriptorFlags.Write)).Dispose();
        Assert.True(File.Exists(sandbox.PathOf("nowhere")));
    }

    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    public void Names_that_are_not_utf8_are_reported_not_guessed(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk));
        Shell(sandbox, "touch \"$(printf 'bad\\377')\" && ln -s \"$(printf 'to\\377')\" link");
        using var stream = Guest.Ok(sandbox.Root.ReadDirectory());
        var (bad, good) = (0, 0);
        while (true)
        {
            var entry = stream.ReadDirectoryEntry();
            if (entry.IsErr)
            {
                Assert.Equal(FsError.IllegalByteSequence, entry.Error);
                bad++;
            }
            else if (entry.Value is null)
            {
                break;
            }
            else
            {
                good++;
            }
        }
        Assert.Equal((1, 1), (bad, good));
        Guest.Fails(FsError.IllegalByteSequence, sandbox.Root.ReadlinkAt("link"));
        Shell(sandbox, "rm -f bad*"); // .NET could not name it

        static void Shell(Sandbox sandbox, string command)
        {
            using var process = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = sandbox.Inside })!;
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
    }

    [Fact]
    public void A_grant_names_what_is_missing()
    {
        var error = Assert.Throws<DirectoryNotFoundException>(() => DirectoryGrant.Open("/does/not/exist", "/data"));
        Assert.Contains("/does/not/exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_of_any_text_are_answered()
    {
        using var sandbox = new Sandbox(PathResolution());
        Gen.String.Sample(path =>
        {
            var text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(path)); // as lifted from a guest: whole characters only
            return !sandbox.Root.StatAt(PathFlags.None, text).IsOk || !text.Contains("..", StringComparison.Ordinal);
        });
    }

    private static Windhover.Wasi.Filesystem.Unix.PathResolution PathResolution() => Windhover.Wasi.Filesystem.Unix.PathResolver.Best;
}
