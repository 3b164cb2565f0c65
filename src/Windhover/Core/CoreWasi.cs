using Windhover.Engine;

namespace Windhover.Plugins;

/// <summary>The grants of a plug-in in the terms of WASI 0.1.</summary>
internal static class CoreWasi
{
    public static WasiPreview1Config Make(PluginOptions options) => new()
    {
        Arguments = ["plugin"],
        Environment = [.. options.Environment],
        Directories = [.. options.Directories.Select(d => new WasiDirectory(d.HostPath, d.GuestPath, d.Writable))],
    };
}
