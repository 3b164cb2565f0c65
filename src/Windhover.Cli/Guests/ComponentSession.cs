using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Cli.Guests;

/// <summary>One instance of a component for the time of one command.</summary>
internal sealed class ComponentSession : IDisposable
{
    private readonly Store _store;

    public ComponentSession(Component component, Grants grants, Limits limits, IReadOnlyList<string> arguments)
    {
        _ = grants;
        _ = arguments;
        var linker = new ComponentLinker(component.Engine);
        Prepared = linker.Prepare(component);
        _store = limits.CreateStore(component.Engine);
        try
        {
            Instance = Prepared.Instantiate(_store);
        }
        catch
        {
            _store.Dispose();
            Prepared.Dispose();
            throw;
        }
    }

    public PreparedComponent Prepared { get; }

    public ComponentInstance Instance { get; }

    public void Dispose()
    {
        Instance.Dispose();
        _store.Dispose();
        Prepared.Dispose();
    }
}
