using Windhover.Wit.Generator.Binding;

namespace Windhover.Wit.Generator.Emit;

/// <summary>Completes the class that carries <c>[WitWorld]</c>.</summary>
internal static class WorldEmitter
{
    public static SourceFile Emit(BoundWorld world)
    {
        CodeWriter file = SourceFile.Begin($"world {world.World}");
        if (world.Request.Namespace.Length > 0)
            file.Line($"namespace {world.Request.Namespace};").Line();
        file.Docs(world.World.Docs, $"The WIT world `{world.World}`.");
        using (file.Block($"partial class {world.Request.ClassName}"))
        {
        }

        return new SourceFile($"{(world.Request.Namespace.Length == 0 ? "" : world.Request.Namespace + ".")}{world.Request.ClassName}.World.g.cs", file.ToString());
    }
}
