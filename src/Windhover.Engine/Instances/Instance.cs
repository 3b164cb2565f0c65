using System.Text;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>An instance of a module in a store. A value without ownership: valid as long as its store.</summary>
public readonly unsafe struct Instance
{
    private readonly NativeInstance _native;

    internal Instance(NativeInstance native) => _native = native;

    /// <summary>Looks an export up by name: 90 ns and more, for set-up only.</summary>
    public bool TryGetExport(Store s, string name, out Extern e)
    {
        const int OnStack = 256;
        var length = Encoding.UTF8.GetMaxByteCount(name.Length);
        Span<byte> utf8 = length <= OnStack ? stackalloc byte[OnStack] : new byte[length];
        return TryGetExport(s, utf8[..Encoding.UTF8.GetBytes(name, utf8)], out e);
    }

    /// <summary>Looks an export up by its name in UTF-8: 70 ns and more, for what has to be resolved in every instance.</summary>
    public bool TryGetExport(Store s, ReadOnlySpan<byte> utf8Name, out Extern e)
    {
        var context = s.Own(_native.StoreId);
        // What the rewriter added is nobody's business.
        if (utf8Name.Length > 0 && utf8Name[0] == 0 && utf8Name.StartsWith(GuardedCode.ReservedPrefix))
        {
            e = default;
            return false;
        }
        var instance = _native;
        NativeExtern item;
        byte found;
        // The empty name is a name too, and its pointer must not be null.
        byte none = 0;
        fixed (byte* bytes = utf8Name)
            found = Native.wasmtime_instance_export_get(context, &instance, bytes is null ? &none : bytes, (nuint)utf8Name.Length, &item);
        if (found != 0 && item.Kind == (byte)ExternKind.SharedMemory)
        {
            // The only item that is owned (by a count of references), and the only one that nothing here can use: its kind is all that is told.
            Native.wasmtime_extern_delete(&item);
            item = new NativeExtern { Kind = (byte)ExternKind.SharedMemory };
        }
        e = found != 0 ? new Extern(item) : default;
        return found != 0;
    }

    /// <summary>Looks an exported function up by name; for set-up only.</summary>
    /// <exception cref="ModuleLinkException">There is no such export, or it is not a function.</exception>
    public Function GetFunction(Store s, string name) => Get(s, name, ExternKind.Function).AsFunction();

    /// <summary>Looks an exported memory up by name; for set-up only.</summary>
    /// <exception cref="ModuleLinkException">There is no such export, or it is not a memory.</exception>
    public LinearMemory GetMemory(Store s, string name) => Get(s, name, ExternKind.Memory).AsMemory();

    private Extern Get(Store s, string name, ExternKind kind)
    {
        if (!TryGetExport(s, name, out var item))
            throw new ModuleLinkException($"The instance has no export '{name}'.");
        return item.Kind == kind ? item : throw new ModuleLinkException($"The export '{name}' is a {item.Kind}, not a {kind}.");
    }
}
