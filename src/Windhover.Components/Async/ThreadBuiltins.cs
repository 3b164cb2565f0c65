using Windhover.Components.Abi;
using Windhover.Components.Binary;
using Windhover.Engine;

namespace Windhover.Components.Async;

/// <summary>
/// The built-ins of cooperative threads, which need stacks that can be switched in any order. They link, since components name them without using them,
/// and trap when they are called: RATIONALE.md, "Why no threads of components?".
/// </summary>
internal static class ThreadBuiltins
{
    public static HostFunction Create(int instance, CanonExpr expr)
    {
        ValueKind[] parameters = expr switch
        {
            CanonExpr.ThreadNewIndirect or CanonExpr.ThreadSpawnIndirect or CanonExpr.ThreadSpawnRef => [ValueKind.I32, ValueKind.I32],
            CanonExpr.ThreadIndex or CanonExpr.ThreadSuspend or CanonExpr.ThreadAvailableParallelism => [],
            _ => [ValueKind.I32],
        };
        ValueKind[] results = expr is CanonExpr.ThreadResumeLater ? [] : [ValueKind.I32];
        string name = expr.GetType().Name;
        return new Builtin(new FunctionType([.. parameters], [.. results]), instance, (_, _, _) =>
            throw Traps.Create($"the built-in {name} is not supported: threads of components are not hosted"));
    }
}
