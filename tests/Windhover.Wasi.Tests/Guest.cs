using System.Text;
using Windhover.Engine;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Tests;

/// <summary>What guests do over and over, and a limit for what should not take long.</summary>
internal static class Guest
{
    /// <summary>Long enough for a loaded machine; a test that needs it has hung.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static WasiUsage Usage => new(new BudgetMeter("test", Budget.Default));

    public static WasiContext Context(WasiOptions? options = null) =>
        new(options ?? new WasiOptions(), aborted: new CancellationTokenSource(Patience).Token);

    /// <summary>Reads to the end, waiting as a guest does.</summary>
    public static byte[] ReadAll(InputStream stream)
    {
        var all = new MemoryStream();
        while (true)
        {
            var read = stream.BlockingRead(64 * 1024);
            if (read.IsOk)
            {
                all.Write(read.Value.Span);
                continue;
            }
            Assert.True(read.Error is StreamError.Closed, read.Error.ToString());
            return all.ToArray();
        }
    }

    public static string ReadText(InputStream stream) => Encoding.UTF8.GetString(ReadAll(stream));

    /// <summary>Writes everything, waiting as a guest does.</summary>
    public static void WriteAll(OutputStream stream, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var permit = stream.CheckWrite();
            Assert.True(permit.IsOk, permit.ToString());
            if (permit.Value == 0)
            {
                using var pollable = stream.Subscribe();
                pollable.Block();
                continue;
            }
            var step = (int)Math.Min(permit.Value, (ulong)bytes.Length);
            var written = stream.Write(bytes[..step]);
            Assert.True(written.IsOk, written.ToString());
            bytes = bytes[step..];
        }
    }

    public static T Ok<T, TError>(Result<T, TError> result)
    {
        Assert.True(result.IsOk, result.ToString());
        return result.Value;
    }

    public static void Fails<T, TError>(TError expected, Result<T, TError> result)
    {
        Assert.False(result.IsOk, $"expected {expected}, got {result}");
        Assert.Equal(expected, result.Error);
    }
}
