using System.Runtime.CompilerServices;
using Windhover.Components.Binary;
using Windhover.Engine;

namespace Windhover.Components.Linking;

/// <summary>
/// A loaded component: decoded, validated, its core modules compiled. Immutable and thread-safe. Dispose it when nothing that was prepared
/// from it is used any more.
/// </summary>
public sealed class Component : IDisposable
{
    private readonly Dictionary<CoreModuleDef, Module> _modules = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Module, MemoryNeeds> _needs = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Module, IndirectionModule> _indirections = new(ReferenceEqualityComparer.Instance);

    private Component(WasmEngine engine, ComponentBinary binary)
    {
        Engine = engine;
        Binary = binary;
    }

    /// <summary>The engine whose code the component holds.</summary>
    public WasmEngine Engine { get; }

    internal ComponentBinary Binary { get; }

    /// <summary>Decodes, validates and compiles a component.</summary>
    /// <param name="engine">The engine to compile for.</param>
    /// <param name="bytes">The binary. It is kept: do not change it.</param>
    /// <param name="cache">Compiled modules of earlier runs; null compiles anew.</param>
    /// <param name="cancellation">Checked between core modules.</param>
    /// <exception cref="InvalidComponentException">The binary is malformed; the message names the offset.</exception>
    /// <exception cref="InvalidModuleException">The component or one of its core modules is invalid.</exception>
    public static Component Load(WasmEngine engine, ReadOnlyMemory<byte> bytes, CompileCache? cache = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ComponentBinary binary = ComponentDecoder.Decode(bytes);
        ComponentValidation.Validate(binary, cache);
        var component = new Component(engine, binary);
        try
        {
            component.Add(binary, module => cache is null ? Module.Compile(engine, module.Span) : cache.GetOrCompile(engine, module.Span), cancellation);
        }
        catch
        {
            component.Dispose();
            throw;
        }

        return component;
    }

    /// <summary>
    /// Loads a component that was validated and compiled before, by <see cref="Compilation.OutOfProcessCompiler"/>: nothing of it reaches the native validator or
    /// compiler in this process.
    /// </summary>
    /// <returns>Null when a part is not in the cache.</returns>
    /// <exception cref="InvalidComponentException">The binary is malformed; the message names the offset.</exception>
    public static Component? TryLoadCompiled(WasmEngine engine, ReadOnlyMemory<byte> bytes, CompileCache cache, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(cache);
        ComponentBinary binary = ComponentDecoder.Decode(bytes);
        if (!cache.IsMarkedValid(SkeletonWriter.Write(binary)))
            return null;
        var component = new Component(engine, binary);
        bool isWhole = false;
        try
        {
            isWhole = component.Add(binary, module => cache.TryGet(engine, module.Span), cancellation);
        }
        finally
        {
            if (!isWhole)
                component.Dispose();
        }

        return isWhole ? component : null;
    }

    // Modules in the order of the binary; false at the first that cannot be had.
    private bool Add(ComponentBinary binary, Func<ReadOnlyMemory<byte>, Module?> compiledOf, CancellationToken cancellation)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (Definition definition in binary.Definitions)
        {
            cancellation.ThrowIfCancellationRequested();
            switch (definition)
            {
                case CoreModuleDef module:
                    if (compiledOf(module.Bytes) is not { } compiled)
                        return false;
                    _modules.Add(module, compiled);
                    _needs[compiled] = MemoryNeeds.Read(module.Bytes.Span);
                    if (IndirectionModule.Recognise(module.Bytes.Span) is { } indirection)
                        _indirections[compiled] = indirection;
                    break;
                case NestedComponentDef nested:
                    if (!Add(nested.Component, compiledOf, cancellation))
                        return false;
                    break;
            }
        }

        return true;
    }

    internal Module? TryModuleOf(CoreModuleDef definition) => _modules.GetValueOrDefault(definition);

    internal bool Has(Module module) => _needs.ContainsKey(module);

    internal MemoryNeeds NeedsOf(Module module) => _needs[module];

    internal IndirectionModule? IndirectionOf(Module module) => _indirections.GetValueOrDefault(module);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Module module in _modules.Values)
        {
            module.Dispose();
        }

        _modules.Clear();
    }
}
