namespace Windhover.Wasi.P3;

// Threads: a method is called in a turn of the guest, and what it starts goes on outside of it. Services are made for one thread at a time, so a face takes
// what it needs of them (a stream, a clock) in the turn, and then has it for itself.

/// <summary>
/// The functions of WASI 0.3 that stand outside of resources, for one guest. As in 0.2 (<see cref="P2.P2Host"/>) no decision is made here: those are the services'.
/// </summary>
internal sealed partial class P3Host(WasiContext context);
