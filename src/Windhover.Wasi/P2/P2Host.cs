using Windhover.Wasi.Bindings.Wasi.Io.Poll;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.P2;

/// <summary>
/// The functions of WASI 0.2 that stand outside of resources, for one guest. What a resource does is in the resource's own class, whose part in this folder
/// puts its answers into the words of WIT. No decision is made here: those are the services'.
/// </summary>
internal sealed partial class P2Host(WasiContext context) : IPoll
{
    public ReadOnlyMemory<uint> Poll(IPollable[] @in) => Pollable.Poll(@in);
}
