using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

// One file of the cache. Wasmtime's artifact is an ELF image, which must begin the file to be mapped in; so our part stands at the end:
//
//      0            n            m            m+16      m+24      m+32       m+64         m+96
//      │ artifact   │ rewriting  │ magic      │ n       │ m − n   │ key      │ digest     │
//      │ n bytes    │ (or none)  │ 16 bytes   │ u64 LE  │ u64 LE  │ SHA-256  │ of 0..m    │
//
// A damaged length, key or digest does not fit the rest; damage in what stands before does not fit the digest.
internal static unsafe class CacheEntry
{
    private const int FooterSize = 16 + 8 + 8 + CacheKey.Size + SHA256.HashSizeInBytes;
    private const int BufferSize = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "windhover cwasm2"u8;

    /// <summary>Checks an entry and maps it in; null when anything about it is wrong.</summary>
    public static Module? TryLoad(WasmEngine engine, string path, byte[] key)
    {
        GuardedCode? guarded;
        try
        {
            if (!Verify(path, key, out guarded))
                return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or RewriteException)
        {
            return null;
        }
        nint error, module;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
            error = Native.wasmtime_module_deserialize_file(engine.Handle, name, &module);
        if (error == 0)
            return new Module(engine, new CompiledModuleHandle(module), guarded);
        Native.wasmtime_error_delete(error);
        return null;
    }

    /// <summary>Writes an entry under a temporary name, for this user alone, and renames it.</summary>
    public static void Store(Module module, string path, byte[] key)
    {
        NativeBytes artifact;
        var error = Native.wasmtime_module_serialize(module.Handle, &artifact);
        if (error != 0)
            throw new IOException($"The module cannot be serialized: {NativeFailure.TakeMessage(error)}");
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Span<byte> footer = stackalloc byte[FooterSize];
            var rewriting = module.Guarded?.ToBytes() ?? [];
            Magic.CopyTo(footer);
            BinaryPrimitives.WriteUInt64LittleEndian(footer[16..], artifact.Size);
            BinaryPrimitives.WriteUInt64LittleEndian(footer[24..], (ulong)rewriting.Length);
            key.CopyTo(footer[32..]);
            using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
            {
                hash.AppendData(artifact.Span);
                hash.AppendData(rewriting);
                hash.GetHashAndReset(footer[(32 + CacheKey.Size)..]);
            }
            using (var file = PrivateFiles.Create(temporary))
            {
                file.Write(artifact.Span);
                file.Write(rewriting);
                file.Write(footer);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
        finally
        {
            Native.wasm_byte_vec_delete(&artifact);
        }
    }

    private static bool Verify(string path, byte[] key, out GuardedCode? guarded)
    {
        guarded = null;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.SequentialScan);
        var length = RandomAccess.GetLength(file);
        if (length <= FooterSize)
            return false;
        Span<byte> footer = stackalloc byte[FooterSize];
        if (!ReadExactly(file, footer, length - FooterSize)
            || !footer[..16].SequenceEqual(Magic)
            || !footer.Slice(32, CacheKey.Size).SequenceEqual(key))
            return false;
        var artifact = BinaryPrimitives.ReadUInt64LittleEndian(footer[16..]);
        var rewriting = BinaryPrimitives.ReadUInt64LittleEndian(footer[24..]);
        if (artifact > (ulong)(length - FooterSize) || rewriting != (ulong)(length - FooterSize) - artifact || rewriting > int.MaxValue)
            return false;

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[(int)Math.Min(BufferSize, length)];
        for (long at = 0; at < length - FooterSize;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - FooterSize - at));
            if (!ReadExactly(file, part, at))
                return false;
            hash.AppendData(part);
            at += part.Length;
        }
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        if (!digest.SequenceEqual(footer[(32 + CacheKey.Size)..]))
            return false;
        if (rewriting == 0)
            return true;
        var bytes = new byte[(int)rewriting];
        if (!ReadExactly(file, bytes, (long)artifact))
            return false;
        guarded = GuardedCode.FromBytes(bytes);
        return true;
    }

    private static bool ReadExactly(Microsoft.Win32.SafeHandles.SafeFileHandle file, Span<byte> buffer, long offset)
    {
        while (!buffer.IsEmpty)
        {
            var read = RandomAccess.Read(file, buffer, offset);
            if (read == 0)
                return false;
            buffer = buffer[read..];
            offset += read;
        }
        return true;
    }
}
