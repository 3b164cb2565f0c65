using Windhover.Components.Abi;
using Windhover.Components.Binary;
using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Components.Linking;

/// <summary>What an index of a component's index spaces stands for, once it is resolved.</summary>
internal abstract class Entity
{
    /// <summary>A function of the host, with the type that the component declared for it.</summary>
    internal sealed class HostFunction(string name, FuncType type, HostCallHandler? handler, HostAsyncHandler? asyncHandler = null) : Entity
    {
        public string Name { get; } = name;

        public FuncType Type { get; } = type;

        /// <summary>For a synchronous function of the host.</summary>
        public HostCallHandler? Handler { get; } = handler;

        /// <summary>For an asynchronous one.</summary>
        public HostAsyncHandler? AsyncHandler { get; } = asyncHandler;
    }

    /// <summary>A function of a guest in this plan.</summary>
    internal sealed class Lifted(LiftedFunction target) : Entity
    {
        public LiftedFunction Target { get; } = target;
    }

    internal sealed class Instance(Dictionary<string, Entity> exports) : Entity
    {
        public Dictionary<string, Entity> Exports { get; } = exports;
    }

    /// <summary>A component and the scope that its outer aliases refer to.</summary>
    internal sealed class Component(ComponentBinary binary, Frame? scope) : Entity
    {
        public ComponentBinary Binary { get; } = binary;

        public Frame? Scope { get; } = scope;
    }

    internal sealed class CoreModule(Module module) : Entity
    {
        public Module Module { get; } = module;
    }

    internal sealed class Value(ValType type) : Entity
    {
        public ValType Type { get; } = type;
    }

    internal sealed class Function(FuncType type) : Entity
    {
        public FuncType Type { get; } = type;
    }

    internal sealed class Resource(ResourceType type) : Entity
    {
        public ResourceType Type { get; } = type;
    }

    /// <summary>The type of an instance, component or module: evaluated where it is matched, in the scope where it was written.</summary>
    internal sealed class Scoped(TypeExpr? expr, Frame scope) : Entity
    {
        public TypeExpr? Expr { get; } = expr;

        public Frame Scope { get; } = scope;
    }
}

/// <summary>A core instance: an instantiated module, or a bag of items under names.</summary>
internal sealed class CoreInstanceEntity
{
    public CoreInstanceEntity(int index) => Index = index;

    public CoreInstanceEntity(Dictionary<string, CoreItem> bag) => Bag = bag;

    /// <summary>The plan's number; meaningless for a bag.</summary>
    public int Index { get; }

    public Dictionary<string, CoreItem>? Bag { get; }
}

/// <summary>
/// The index spaces of one component instance (or of one type scope) while the plan is built. <see cref="Parent"/> is the lexical scope, for
/// outer aliases; <see cref="InstanceIndex"/> is the plan's number of the component instance whose definitions run.
/// </summary>
internal sealed class Frame(Frame? parent, int instanceIndex)
{
    public Frame? Parent { get; } = parent;

    public int InstanceIndex { get; } = instanceIndex;

    public List<CoreItem> CoreFuncs { get; } = [];

    public List<CoreItem> CoreTables { get; } = [];

    public List<CoreItem> CoreMemories { get; } = [];

    public List<CoreItem> CoreGlobals { get; } = [];

    public List<CoreItem> CoreTags { get; } = [];

    public List<CoreInstanceEntity> CoreInstances { get; } = [];

    public List<Entity> CoreModules { get; } = [];

    public List<Entity> Funcs { get; } = [];

    public List<Entity> Types { get; } = [];

    public List<Entity> Components { get; } = [];

    public List<Entity> Instances { get; } = [];

    public List<CoreItem> Core(Sort sort) => sort switch
    {
        Sort.CoreFunc => CoreFuncs,
        Sort.CoreTable => CoreTables,
        Sort.CoreMemory => CoreMemories,
        Sort.CoreGlobal => CoreGlobals,
        Sort.CoreTag => CoreTags,
        _ => throw new LinkException($"A {sort.Display()} is not a core item."),
    };

    public List<Entity> Space(Sort sort) => sort switch
    {
        Sort.CoreModule => CoreModules,
        Sort.Func => Funcs,
        Sort.Type => Types,
        Sort.Component => Components,
        Sort.Instance => Instances,
        _ => throw new LinkException($"Items of sort {sort.Display()} are not supported here."),
    };

    /// <summary>The scope <paramref name="count"/> levels out.</summary>
    public Frame Outer(int count)
    {
        Frame frame = this;
        for (int i = 0; i < count; i++)
        {
            frame = frame.Parent ?? throw new LinkException($"An outer alias goes {count} levels out, past the outermost component.");
        }

        return frame;
    }
}
