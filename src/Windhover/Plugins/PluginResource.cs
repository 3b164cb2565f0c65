using System.ComponentModel;
using Windhover.Components.Linking;
using Windhover.Components.Resources;

namespace Windhover.Plugins;

/// <summary>
/// The plug-in behind a resource that the host holds, for generated classes; not for people. Calls go through the plug-in's own rules; without a
/// plug-in (a host that keeps stores of its own) there are none.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct PluginResource
{
    private readonly ComponentInstance _instance;
    private readonly GuestResource _resource;
    private readonly Plugin? _plugin;
    private bool _counted;

    /// <summary>Counts the resource.</summary>
    public PluginResource(ComponentInstance instance, GuestResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        _instance = instance;
        _resource = resource;
        _plugin = Plugin.Of(instance);
        _counted = _plugin is not null && resource.IsOwned;
        if (_counted)
            _plugin!.HoldResource();
    }

    /// <summary>As <see cref="Plugin.EnterCall"/>.</summary>
    public readonly ComponentInstance EnterCall(string function) => _plugin is null ? _instance : _plugin.EnterCall(function);

    /// <summary>As <see cref="Plugin.LeaveCall"/>.</summary>
    public readonly void LeaveCall() => _plugin?.LeaveCall();

    /// <summary>As <see cref="Plugin.EnterAsyncCall"/>.</summary>
    public readonly ComponentInstance EnterAsyncCall(string function) => _plugin is null ? _instance : _plugin.EnterAsyncCall(function);

    /// <summary>As <see cref="Plugin.LeaveAsyncCall"/>.</summary>
    public readonly void LeaveAsyncCall() => _plugin?.LeaveAsyncCall();

    /// <summary>As <see cref="Plugin.IsFailure"/>.</summary>
    public readonly bool IsFailure(Exception error) => _plugin is not null && _plugin.IsFailure(error);

    /// <summary>As <see cref="Plugin.Failure"/>.</summary>
    public readonly Exception Failure(string function, Exception error) => _plugin is null ? error : _plugin.Failure(function, error);

    /// <summary>Runs the resource's destructor, unless the plug-in has ended and everything with it.</summary>
    public void Dispose()
    {
        if (_plugin is null)
        {
            _resource.Dispose();
            return;
        }

        if (!_counted || _plugin.HasEnded)
            return;
        string function = $"[resource-drop]{_resource.Type.Name}";
        _plugin.EnterCall(function);
        try
        {
            _counted = false;
            _plugin.LetResourceGo();
            _resource.Dispose();
        }
        catch (Exception error) when (_plugin.IsFailure(error))
        {
            throw _plugin.Failure(function, error);
        }
        finally
        {
            _plugin.LeaveCall();
        }
    }
}
