using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>Kinds of things that modules import and export.</summary>
public enum ExternKind : byte
{
    /// <summary>A function.</summary>
    Function = 0,

    /// <summary>A global.</summary>
    Global = 1,

    /// <summary>A table.</summary>
    Table = 2,

    /// <summary>A linear memory.</summary>
    Memory = 3,

    /// <summary>A memory of the threads proposal.</summary>
    SharedMemory = 4,

    /// <summary>An exception tag.</summary>
    Tag = 5,
}

/// <summary>Something of a store that modules import and export. A value without ownership: valid as long as its store.</summary>
public readonly struct Extern
{
    internal readonly NativeExtern Native;

    internal Extern(NativeExtern native) => Native = native;

    /// <summary>What it is.</summary>
    public ExternKind Kind => (ExternKind)Native.Kind;

    internal ulong StoreId => Native.StoreId;

    /// <summary>Wraps a function.</summary>
    public static implicit operator Extern(Function function) =>
        new(new NativeExtern { Kind = (byte)ExternKind.Function, Function = function.Native });

    /// <summary>Wraps a memory.</summary>
    public static implicit operator Extern(LinearMemory memory) =>
        new(new NativeExtern { Kind = (byte)ExternKind.Memory, Item = memory.Native });

    /// <summary>Wraps a table.</summary>
    public static implicit operator Extern(Table table) =>
        new(new NativeExtern { Kind = (byte)ExternKind.Table, Item = table.Native });

    /// <summary>Wraps a global.</summary>
    public static implicit operator Extern(Global global) =>
        new(new NativeExtern { Kind = (byte)ExternKind.Global, Global = global.Native });

    /// <summary>The function that it is.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public Function AsFunction() => new(Check(ExternKind.Function).Function);

    /// <summary>The memory that it is.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public LinearMemory AsMemory() => new(Check(ExternKind.Memory).Item);

    /// <summary>The table that it is.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public Table AsTable() => new(Check(ExternKind.Table).Item);

    /// <summary>The global that it is.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public Global AsGlobal() => new(Check(ExternKind.Global).Global);

    private NativeExtern Check(ExternKind kind) =>
        Kind == kind ? Native : throw new InvalidOperationException($"The item is a {Kind}, not a {kind}.");
}
