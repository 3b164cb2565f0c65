using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Windhover.Engine.Interop;

namespace Windhover.Engine.Tests.Interop;

/// <summary>The structs of the C API as of the pinned release. When one of these fails, read the headers of the new release before changing it.</summary>
public sealed class LayoutTests
{
    [Fact]
    public void Sizes_are_those_of_the_pinned_release()
    {
        Assert.Equal(16, Unsafe.SizeOf<NativeFunction>());
        Assert.Equal(16, Unsafe.SizeOf<NativeInstance>());
        Assert.Equal(24, Unsafe.SizeOf<NativeItem>());
        Assert.Equal(24, Unsafe.SizeOf<NativeGlobal>());
        Assert.Equal(32, Unsafe.SizeOf<NativeExtern>());
        Assert.Equal(32, Unsafe.SizeOf<NativeValue>());
        Assert.Equal(32, Unsafe.SizeOf<NativeValueType>());
        Assert.Equal(24, Unsafe.SizeOf<NativeReference>());
        Assert.Equal(16, Unsafe.SizeOf<NativeBytes>());
        Assert.Equal(16, Unsafe.SizeOf<NativePointers>());
        Assert.Equal(16, Unsafe.SizeOf<RawValue>());
    }

    [Fact]
    public void Offsets_are_those_of_the_pinned_release()
    {
        NativeFunction function = default;
        NativeItem item = default;
        NativeGlobal global = default;
        NativeExtern external = default;
        NativeValue value = default;
        NativeValueType type = default;
        NativeReference reference = default;
        Assert.Equal(8, Offset(ref function, ref function.Private));
        Assert.Equal(8, Offset(ref item, ref item.Private1));
        Assert.Equal(16, Offset(ref item, ref item.Private2));
        Assert.Equal(12, Offset(ref global, ref global.Private2));
        Assert.Equal(16, Offset(ref global, ref global.Private3));
        Assert.Equal(8, Offset(ref external, ref external.Item));
        Assert.Equal(8, Offset(ref value, ref value.I64));
        Assert.Equal(8, Offset(ref type, ref type.Nullable));
        Assert.Equal(16, Offset(ref type, ref type.HeapKind));
        Assert.Equal(16, Offset(ref reference, ref reference.Private3));
    }

    private static nint Offset<T, TField>(ref T whole, ref TField field) =>
        Unsafe.ByteOffset(ref Unsafe.As<T, byte>(ref whole), ref Unsafe.As<TField, byte>(ref field));

    // One of each kind out of one instance and into another: every field of every struct makes the round trip.
    [Fact]
    public void Externs_make_a_round_trip()
    {
        using var engine = new WasmEngine(new EngineOptions { Pooling = false });
        using var store = new Store(engine);
        const string Fillers = "(memory 1) (table 1 funcref) (global i32 (i32.const 0)) (func)";
        var source = Wat.Instantiate(store, $"""
            (module
              {Fillers}
              (memory (export "memory") 2 3)
              (table (export "table") 4 funcref)
              (global (export "global") (mut i64) (i64.const 77))
              (tag (export "tag") (param i32))
              (func (export "function") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
            """);
        using var module = Wat.Module(engine, """
            (module
              (import "" "memory" (memory 2 3))
              (import "" "table" (table 4 funcref))
              (import "" "global" (global $global (mut i64)))
              (import "" "tag" (tag (param i32)))
              (import "" "function" (func $function (param i32) (result i32)))
              (elem (i32.const 3) $function)
              (func (export "run") (result i32)
                (i32.store (i32.const 131068) (i32.const 1234))
                (global.set $global (i64.add (global.get $global) (i64.const 1)))
                (call $function (i32.const 41))))
            """);
        Extern[] imports = [.. module.Imports.Select(i => source.TryGetExport(store, i.Name, out var item) ? item : default)];
        var function = store.Instantiate(module, imports).GetFunction(store, "run");

        var values = new RawValue[1];
        function.Call(store, values);

        Assert.Equal(42, values[0].I32);
        Assert.Equal(1234, MemoryMarshal.Read<int>(imports[0].AsMemory().GetSpan(store, 131068, 4)));
        Assert.Equal(4u, imports[1].AsTable().Size(store));
        values[0].I32 = 1;
        imports[1].AsTable().GetFunction(store, 3)!.Value.Call(store, values);
        Assert.Equal(2, values[0].I32);
        Assert.Null(imports[1].AsTable().GetFunction(store, 0));
        Assert.Equal(78, imports[2].AsGlobal().Get(store).I64);
        Assert.Equal(ExternKind.Tag, imports[3].Kind);
        Assert.Equal("(i32) -> (i32)", imports[4].AsFunction().GetType(store).ToString());
    }
}
