namespace Windhover.Engine;

/// <summary>Finds where the functions of a module need checks. One object serves one module.</summary>
/// <remarks>
/// A run without end passes infinitely often through a loop's head, or through the entry of a function that calls. So that is where checks go. A function
/// that calls nothing ends by itself, and is entered from one that is checked; only when the host can call it, it has a check too, so that a stopped
/// guest stays stopped. A bulk instruction has one before it, so that what runs unchecked is at most one of them.
/// Small loops are found too that the rewriter writes twice (<see cref="TurnEnd"/>): straight code that ends with <c>br_if 0</c>, as compilers write what goes over bytes.
/// </remarks>
internal sealed class FunctionScan
{
    // A check is one instruction: next to 12 others it is 10% of the time (a loop that copies bytes), next to 24 half of that.
    private const int MostTwice = 64; // bytes

    private readonly List<int> _checks = [];
    private readonly Dictionary<int, int> _twice = [];
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

    /// <summary>Where the loop that begins at a check branches back (a <c>br_if 0</c> of two bytes, with the loop's <c>end</c> behind it), if one turn of it may be written twice; else 0.</summary>
    public int TurnEnd(int check) => _twice.GetValueOrDefault(check);

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
        var turn = 0; // where the turn of a loop begins that was straight so far
        for (var depth = 1; depth > 0;)
        {
            var at = reader.Position;
            if (turn != 0 && !Instructions.IsStraight(reader))
            {
                if (at - turn <= MostTwice && reader.StartsWith(Instructions.BranchAndEnd))
                    _twice[turn] = at;
                turn = 0;
            }

            var isEmptyLoop = reader.StartsWith(Instructions.EmptyLoop);
            switch (Instructions.Step(ref reader))
            {
                case InstructionKind.Loop:
                    depth++;
                    _checks.Add(reader.Position);
                    turn = isEmptyLoop ? reader.Position : 0;
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
