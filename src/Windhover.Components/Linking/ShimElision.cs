namespace Windhover.Components.Linking;

// Takes the shim and fixup modules of wit-component out of a plan (see IndirectionModule for what they are):
//
//   before   0 shim      exports "0" …, $imports
//            1 main      imports … ← shim "0", host functions
//            2 fixup     imports $imports ← shim, "0" ← lowered function (host), …
//   after    0 main      imports … ← lowered function (host): all imports are the host's, so it can be pre-instantiated
//
// 22–33 µs become 7–10 µs per instance of a component with 15 interfaces (docs/benchmarks.md). It is done only if it cannot be seen: what
// main takes from the shim is the host's, and nothing but main and the fixup uses the shim's table. (Destructors of resources go through the shim
// too, but are looked up when they are called.) A call that main makes before the fixup would have run
// (from its start function) met a null entry and trapped; here the host finds no memory in the slot and traps as well.
// Components with a preview1 adapter have entries that lead to the adapter, which is instantiated after main: they stay as they are.
internal static class ShimElision
{
    public static void Apply(LinkPlan plan, Func<CoreInstantiation, IndirectionModule?> shapeOf)
    {
        List<CoreInstantiation> steps = plan.CoreInstances;
        for (int shim = 0; shim < steps.Count; shim++)
        {
            if (shapeOf(steps[shim]) is { Trampolines: { } trampolines, TableExport: { } table }
                && FindFixup(steps, shim, table, shapeOf) is var fixup and >= 0
                && Targets(steps[fixup], shapeOf(steps[fixup])!.Entries!, trampolines) is { } targets
                && OnlyFunctionsUsed(plan, shim, fixup, targets))
            {
                Replace(plan, shim, fixup, targets);
                shim = -1; // Numbers moved: start over. A component has a handful of core instances.
            }
        }
    }

    private static int FindFixup(List<CoreInstantiation> steps, int shim, string table, Func<CoreInstantiation, IndirectionModule?> shapeOf)
    {
        var export = new CoreItem.Export(shim, table);
        for (int i = shim + 1; i < steps.Count; i++)
        {
            if (shapeOf(steps[i]) is { Entries: not null } shape && steps[i].Imports[shape.TableImport] == export)
                return i;
        }

        return -1;
    }

    private static Dictionary<string, CoreItem>? Targets(CoreInstantiation fixup, int[] entries, Dictionary<string, int> trampolines)
    {
        var targets = new Dictionary<string, CoreItem>(StringComparer.Ordinal);
        foreach ((string name, int entry) in trampolines)
        {
            if (entry >= entries.Length)
                return null;
            targets.Add(name, fixup.Imports[entries[entry]]);
        }

        return targets;
    }

    private static bool OnlyFunctionsUsed(LinkPlan plan, int shim, int fixup, Dictionary<string, CoreItem> targets)
    {
        // A slot is filled when it is first used, so anything may stand there; an import needs what is instantiated before.
        bool Fits(CoreItem item, int before) => item is not CoreItem.Export export
            || (export.Instance != fixup
                && (export.Instance != shim
                    || (targets.TryGetValue(export.Name, out CoreItem? target)
                        && (target is not CoreItem.Export later || (later.Instance != shim && later.Instance != fixup && later.Instance < before)))));

        for (int i = 0; i < plan.CoreInstances.Count; i++)
        {
            if (i != fixup && !plan.CoreInstances[i].Imports.All(item => Fits(item, i)))
                return false;
        }

        return plan.FunctionSlots.Concat(plan.MemorySlots).All(item => Fits(item, int.MaxValue));
    }

    private static void Replace(LinkPlan plan, int shim, int fixup, Dictionary<string, CoreItem> targets)
    {
        CoreItem Map(CoreItem item) => item is not CoreItem.Export export ? item
            : export.Instance == shim ? Map(targets[export.Name])
            : export with { Instance = export.Instance - (export.Instance > shim ? 1 : 0) - (export.Instance > fixup ? 1 : 0) };

        var steps = new List<CoreInstantiation>();
        for (int i = 0; i < plan.CoreInstances.Count; i++)
        {
            if (i != shim && i != fixup)
                steps.Add(plan.CoreInstances[i] with { Imports = [.. plan.CoreInstances[i].Imports.Select(Map)] });
        }

        plan.CoreInstances.Clear();
        plan.CoreInstances.AddRange(steps);
        for (int i = 0; i < plan.FunctionSlots.Count; i++)
            plan.FunctionSlots[i] = Map(plan.FunctionSlots[i]);
        for (int i = 0; i < plan.MemorySlots.Count; i++)
            plan.MemorySlots[i] = Map(plan.MemorySlots[i]);
    }
}
