using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>Builds the native WASI 0.1 configuration of one store.</summary>
internal static unsafe class WasiContext
{
    private const int Eio = 5;

    /// <summary>A native configuration, to be handed to the store, which owns it from then on.</summary>
    public static nint Create(WasiPreview1Config config)
    {
        var native = Native.wasi_config_new();
        try
        {
            SetArguments(native, config.Arguments);
            SetEnvironment(native, config.Environment);
            foreach (var directory in config.Directories)
                SetDirectory(native, directory);
            SetInput(native, config.StandardInput);
            SetOutput(native, config.StandardOutput, error: false);
            SetOutput(native, config.StandardError, error: true);
            return native;
        }
        catch
        {
            Native.wasi_config_delete(native);
            throw;
        }
    }

    private static void SetArguments(nint native, IReadOnlyList<string> arguments)
    {
        using var strings = new CStrings(arguments);
        if (Native.wasi_config_set_argv(native, (nuint)arguments.Count, strings.Pointers) == 0)
            throw new ArgumentException("An argument for the guest is not valid Unicode.");
    }

    private static void SetEnvironment(nint native, IReadOnlyList<KeyValuePair<string, string>> variables)
    {
        using var names = new CStrings([.. variables.Select(v => v.Key)]);
        using var values = new CStrings([.. variables.Select(v => v.Value)]);
        if (Native.wasi_config_set_env(native, (nuint)variables.Count, names.Pointers, values.Pointers) == 0)
            throw new ArgumentException("An environment variable for the guest is not valid Unicode.");
    }

    private static void SetDirectory(nint native, WasiDirectory directory)
    {
        using var paths = new CStrings([directory.HostPath, directory.GuestPath]);
        if (Native.wasi_config_preopen_dir(native, paths.Pointers[0], paths.Pointers[1], directory.Writable ? (byte)1 : (byte)0) == 0)
            throw new IOException($"The directory '{directory.HostPath}' cannot be opened for the guest.");
    }

    private static void SetInput(nint native, WasiInput input)
    {
        if (input == WasiInput.Inherit)
        {
            Native.wasi_config_inherit_stdin(native);
        }
        else if (input.Path is { } path)
        {
            using var paths = new CStrings([path]);
            if (Native.wasi_config_set_stdin_file(native, paths.Pointers[0]) == 0)
                throw new IOException($"The file '{path}' cannot be opened for the guest's standard input.");
        }
        else if (!input.Bytes.IsEmpty)
        {
            NativeBytes bytes;
            fixed (byte* first = input.Bytes.Span)
                Native.wasm_byte_vec_new(&bytes, (nuint)input.Bytes.Length, first);
            Native.wasi_config_set_stdin_bytes(native, &bytes);
        }
    }

    private static void SetOutput(nint native, WasiOutput output, bool error)
    {
        if (output == WasiOutput.Inherit)
        {
            if (error)
                Native.wasi_config_inherit_stderr(native);
            else
                Native.wasi_config_inherit_stdout(native);
        }
        else if (output.Path is { } path)
        {
            using var paths = new CStrings([path]);
            var done = error
                ? Native.wasi_config_set_stderr_file(native, paths.Pointers[0])
                : Native.wasi_config_set_stdout_file(native, paths.Pointers[0]);
            if (done == 0)
                throw new IOException($"The file '{path}' cannot be written for the guest's standard {(error ? "error" : "output")}.");
        }
        else if (output.Writer is { } writer)
        {
            var handle = GCHandle.ToIntPtr(GCHandle.Alloc(writer));
            if (error)
                Native.wasi_config_set_stderr_custom(native, &Write, handle, &Release);
            else
                Native.wasi_config_set_stdout_custom(native, &Write, handle, &Release);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Write(nint writer, byte* bytes, nuint length)
    {
        try
        {
            // A piece is at most what one fd_write hands over; past 2 GiB the guest is told of a short write.
            var count = (int)Math.Min(length, int.MaxValue);
            Unsafe.As<WasiWriter>(GCHandle.FromIntPtr(writer).Target!)(new ReadOnlySpan<byte>(bytes, count));
            return count;
        }
        catch (Exception)
        {
            return -Eio;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint writer) => GCHandle.FromIntPtr(writer).Free();

    /// <summary>Zero-terminated UTF-8 copies of strings.</summary>
    private readonly ref struct CStrings : IDisposable
    {
        private readonly int _count;

        public CStrings(IReadOnlyList<string> strings)
        {
            foreach (var text in strings)
            {
                if (text.Contains('\0', StringComparison.Ordinal))
                    throw new ArgumentException($"A string for the guest holds a NUL character: '{text.Replace("\0", "\\0", StringComparison.Ordinal)}'.");
            }
            _count = strings.Count;
            // One more, so that the pointer is never null.
            Pointers = (byte**)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
            {
                var length = Encoding.UTF8.GetByteCount(strings[i]);
                Pointers[i] = (byte*)NativeMemory.Alloc((nuint)length + 1);
                Encoding.UTF8.GetBytes(strings[i], new Span<byte>(Pointers[i], length));
                Pointers[i][length] = 0;
            }
        }

        public byte** Pointers { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
                NativeMemory.Free(Pointers[i]);
            NativeMemory.Free(Pointers);
        }
    }
}
