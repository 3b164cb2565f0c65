namespace Windhover.Engine;

/// <summary>Why a guest stopped. The first fifty have the numbers of Wasmtime's trap codes.</summary>
public enum TrapKind
{
    /// <summary>The guest's stack, or the thread's, was exhausted.</summary>
    StackOverflow = 0,

    /// <summary>A load, store or bulk operation outside of a linear memory.</summary>
    MemoryOutOfBounds = 1,

    /// <summary>An atomic operation on an address that is not naturally aligned.</summary>
    HeapMisaligned = 2,

    /// <summary>An access outside of a table.</summary>
    TableOutOfBounds = 3,

    /// <summary>An indirect call to a null entry of a table.</summary>
    IndirectCallToNull = 4,

    /// <summary>An indirect call to a function of another type.</summary>
    BadSignature = 5,

    /// <summary>Integer overflow (the lowest number divided by −1).</summary>
    IntegerOverflow = 6,

    /// <summary>Integer division by zero.</summary>
    IntegerDivisionByZero = 7,

    /// <summary>A float that does not fit was converted to an integer.</summary>
    BadConversionToInteger = 8,

    /// <summary>The <c>unreachable</c> instruction: an assertion, a panic or <c>abort</c> in most languages.</summary>
    Unreachable = 9,

    /// <summary>The deadline of the store passed (<see cref="Store.SetDeadline"/>).</summary>
    Interrupt = 10,

    /// <summary>The fuel of the store is used up (<see cref="Store.SetFuel"/>).</summary>
    OutOfFuel = 11,

    /// <summary>An atomic wait on a memory that is not shared.</summary>
    AtomicWaitOnUnsharedMemory = 12,

    /// <summary>A call or access through a null reference.</summary>
    NullReference = 13,

    /// <summary>An access outside of a GC array.</summary>
    ArrayOutOfBounds = 14,

    /// <summary>A GC object is larger than the heap can ever hold.</summary>
    AllocationTooLarge = 15,

    /// <summary>A reference is not of the type it was cast to.</summary>
    CastFailure = 16,

    /// <summary>An exception that no frame of the guest catches.</summary>
    UncaughtException = 49,

    /// <summary>A host function threw: see <see cref="Exception.InnerException"/>.</summary>
    Host = 1000,

    /// <summary>Another failure inside of the engine; the message tells.</summary>
    Other = 1001,
}
