namespace Windhover.Engine;

/// <summary>Finds where the functions of a module need checks. One object serves one module.</summary>
/// <remarks>
/// A run without end passes infinitely often through a loop's head, or through the entry of a function that calls. So that is where checks go. A function
/// that calls nothing ends by itself, and is entered from one that is checked; only when the host can call it, it has a check too, so that a stopped
/// guest stays stopped. A bulk instruction has one before it, so that what runs unchecked is at most one of them.
/// </remarks>
internal sealed class FunctionScan
{
    private readonly List<int> _checks = [];
    private readonly List<int> _ends = [];

    /// <summary>How many functions were scanned.</summary>
    public int Functions => _ends.Count;

    /// <summary>Checks of all functions.</summary>
    public int Checks => _checks.Count;

    /// <summary>The most checks that one function has.</summary>
    public int MostChecks { get; private set; }

    /// <summary>Where in the binary the checks of a function go, in ascending order.</summary>
    public ReadOnlySpan<int> Of(int function)
    {
        var start = function == 0 ? 0 : _ends[function - 1];
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_checks)[start.._ends[function]];
    }

    /// <summary>Scans the next function.</summary>
    /// <param name="reader">Over its body: the declarations of locals and the code, and nothing else.</param>
    /// <param name="fromOutside">Whether the host can call it.</param>
    public void Add(ref WasmReader reader, bool fromOutside)
    {
        var first = _checks.Count;
        for (var groups = reader.U32(); groups > 0; groups--)
        {
            reader.U32();
            Instructions.ValueType(ref reader);
        }
        var entry = reader.Position;
        // Taken back if it turns out not to be needed.
        _checks.Add(entry);
        var calls = false;
        for (var depth = 1; depth > 0;)
        {
            var at = reader.Position;
            switch (Instructions.Step(ref reader))
            {
                case InstructionKind.Loop:
                    depth++;
                    _checks.Add(reader.Position);
                    break;
                case InstructionKind.Block:
                    depth++;
                    break;
                case InstructionKind.End:
                    depth--;
                    break;
                case InstructionKind.Call:
                    calls = true;
                    break;
                case InstructionKind.Bulk:
                    _checks.Add(at);
                    break;
            }
        }
        if (!reader.AtEnd)
            throw new RewriteException("a function continues after its end", reader.Position);
        if (!calls && !fromOutside)
            _checks.RemoveAt(first);
        MostChecks = Math.Max(MostChecks, _checks.Count - first);
        _ends.Add(_checks.Count);
    }
}
