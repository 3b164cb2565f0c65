namespace Windhover.Engine;

/// <summary>The kind of a WebAssembly value (core specification, 2.3 Types).</summary>
public enum ValueKind : byte
{
    /// <summary>32-bit integer.</summary>
    I32,

    /// <summary>64-bit integer.</summary>
    I64,

    /// <summary>32-bit float.</summary>
    F32,

    /// <summary>64-bit float.</summary>
    F64,

    /// <summary>128-bit vector.</summary>
    V128,

    /// <summary>Nullable <c>funcref</c>.</summary>
    FuncRef,

    /// <summary>Nullable <c>externref</c>.</summary>
    ExternRef,

    /// <summary>Nullable <c>anyref</c>.</summary>
    AnyRef,

    /// <summary>Nullable <c>exnref</c>.</summary>
    ExnRef,

    /// <summary>Any other reference (not nullable, or of a concrete or bottom heap type). A host function cannot have one in its type.</summary>
    OtherRef,
}
