using System.Collections.Immutable;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>Turns native types into ours and back. Everything it returns is a copy; what it is given stays with the caller.</summary>
internal static unsafe class TypeReader
{
    // Discriminants of wasmtime_valtype_t and wasmtime_heaptype_t. wasm_valtype_kind is not used: it aborts on v128 and typed references.
    private const byte KindReference = 5;
    private const byte HeapExtern = 0;
    private const byte HeapFunc = 2;
    private const byte HeapAny = 5;
    private const byte HeapExn = 13;

    public static ValueKind ReadValue(nint type)
    {
        NativeValueType value = default;
        Native.wasmtime_valtype_new(type, &value);
        var kind = value.Kind < KindReference ? (ValueKind)value.Kind : value.Nullable == 0 ? ValueKind.OtherRef : value.HeapKind switch
        {
            HeapFunc => ValueKind.FuncRef,
            HeapExtern => ValueKind.ExternRef,
            HeapAny => ValueKind.AnyRef,
            HeapExn => ValueKind.ExnRef,
            _ => ValueKind.OtherRef,
        };
        Native.wasmtime_valtype_delete(&value);
        return kind;
    }

    public static FunctionType ReadFunction(nint type) =>
        new(ReadValues(Native.wasm_functype_params(type)), ReadValues(Native.wasm_functype_results(type)));

    public static MemoryType ReadMemory(nint type)
    {
        ulong maximum;
        var hasMaximum = Native.wasmtime_memorytype_maximum(type, &maximum) != 0;
        return new(
            Native.wasmtime_memorytype_minimum(type),
            hasMaximum ? maximum : null,
            Native.wasmtime_memorytype_is64(type) != 0,
            Native.wasmtime_memorytype_isshared(type) != 0,
            Native.wasmtime_memorytype_page_size_log2(type));
    }

    // Limits of a table are left out: wasm_tabletype_limits aborts the process on a table64 with more than 2^32 elements.
    public static TableType ReadTable(nint type) => new(ReadValue(Native.wasm_tabletype_element(type)));

    public static GlobalType ReadGlobal(nint type) =>
        new(ReadValue(Native.wasm_globaltype_content(type)), Native.wasm_globaltype_mutability(type) != 0);

    public static ItemType ReadItem(nint type) => Native.wasm_externtype_kind(type) switch
    {
        0 => ReadFunction(Native.wasm_externtype_as_functype_const(type)),
        1 => ReadGlobal(Native.wasm_externtype_as_globaltype_const(type)),
        2 => ReadTable(Native.wasm_externtype_as_tabletype_const(type)),
        3 => ReadMemory(Native.wasm_externtype_as_memorytype_const(type)),
        4 => new TagType(ReadFunction(Native.wasm_tagtype_functype(Native.wasm_externtype_as_tagtype_const(type)))),
        var kind => throw new NotSupportedException($"The engine reported an item of the unknown kind {kind}."),
    };

    /// <summary>A native function type, to be released with <c>wasm_functype_delete</c>.</summary>
    /// <exception cref="ArgumentException">A kind is <see cref="ValueKind.OtherRef"/>, which carries too little to build a type from.</exception>
    public static nint CreateFunction(FunctionType type)
    {
        if (type.Parameters.Contains(ValueKind.OtherRef) || type.Results.Contains(ValueKind.OtherRef))
            throw new ArgumentException($"A host function cannot have the type {type}: only nullable funcref, externref, anyref and exnref are possible.");
        NativePointers parameters, results;
        CreateValues(type.Parameters, &parameters);
        CreateValues(type.Results, &results);
        return Native.wasm_functype_new(&parameters, &results);
    }

    /// <summary>A native value type, owned by the caller.</summary>
    public static nint CreateValue(ValueKind kind)
    {
        NativeValueType value = default;
        value.Kind = (byte)Math.Min((byte)kind, KindReference);
        value.Nullable = 1;
        value.HeapKind = kind switch
        {
            ValueKind.FuncRef => HeapFunc,
            ValueKind.AnyRef => HeapAny,
            ValueKind.ExnRef => HeapExn,
            _ => HeapExtern,
        };
        return Native.wasmtime_valtype_to_wasm(0, &value);
    }

    private static void CreateValues(ImmutableArray<ValueKind> kinds, NativePointers* result)
    {
        // A vec of no elements still wants a pointer that is not null.
        var types = new nint[Math.Max(1, kinds.Length)];
        for (var i = 0; i < kinds.Length; i++)
            types[i] = CreateValue(kinds[i]);
        fixed (nint* first = types)
            Native.wasm_valtype_vec_new(result, (nuint)kinds.Length, first);
    }

    private static ImmutableArray<ValueKind> ReadValues(NativePointers* types)
    {
        var result = ImmutableArray.CreateBuilder<ValueKind>(checked((int)types->Size));
        foreach (var type in types->Span)
            result.Add(ReadValue(type));
        return result.MoveToImmutable();
    }
}
