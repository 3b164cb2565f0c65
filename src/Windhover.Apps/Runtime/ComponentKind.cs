using System.Security.Cryptography;
using System.Text;
using Windhover.Apps.Manifest;
using Windhover.Components.Binary;
using Windhover.Components.Inspection;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Watching;

namespace Windhover.Apps.Runtime;

/// <summary>What a file is, by what it exports, and whether that is what its manifest takes it for.</summary>
internal sealed class ComponentKind
{
    private readonly string[] _exports;

    private ComponentKind(byte[] bytes, bool isCore, string[] exports)
    {
        _exports = exports;
        Bytes = bytes;
        IsCore = isCore;
        IsService = exports.Any(e => e.StartsWith("wasi:http/handler@0.3", StringComparison.Ordinal));
        IsHandler = IsService || exports.Any(e => e.StartsWith("wasi:http/incoming-handler@", StringComparison.Ordinal) || e.StartsWith("wasi:http/handler@", StringComparison.Ordinal));
    }

    /// <summary>The binary: the file, or what its text says.</summary>
    public byte[] Bytes { get; }

    public bool IsCore { get; }

    /// <summary>Whether it answers HTTP requests.</summary>
    public bool IsHandler { get; }

    /// <summary>Whether it is a service of WASI 0.3, of which requests share instances.</summary>
    public bool IsService { get; }

    /// <exception cref="ComponentLoadException">It is not the file that the manifest pins, or no WebAssembly.</exception>
    public static ComponentKind Read(ComponentManifest manifest)
    {
        byte[] file = ComponentLoader.Read(manifest.Source);
        if (manifest.Digest is { } digest && Convert.ToHexStringLower(SHA256.HashData(file)) is var actual && actual != digest)
            throw new ComponentLoadException($"{manifest.Source}: the file is not the one that the manifest pins: its digest is sha256:{actual}.");
        byte[] bytes = FromText(manifest.Source, file);
        return WasmFile.Detect(bytes) switch
        {
            WasmKind.CoreModule => new ComponentKind(bytes, isCore: true, []),
            WasmKind.Component => new ComponentKind(bytes, isCore: false, ReadExports(manifest.Source, bytes)),
            _ => throw new ComponentLoadException($"{manifest.Source}: is {WasmFile.Explain(bytes)}."),
        };
    }

    /// <summary>Whether anything of a manifest depends on what the file is: then it is looked at before the app serves.</summary>
    public static bool Matters(ComponentManifest manifest) => manifest.Run.Isolation == IsolationLevel.Process || manifest.Run.ReusePlace.Line > 0;

    /// <exception cref="ComponentLoadException">The manifest asks what a component of this kind cannot do.</exception>
    public void Check(ComponentManifest manifest)
    {
        if (manifest.Run.Isolation == IsolationLevel.Process && !IsHandler)
        {
            throw new ComponentLoadException(
                $"{manifest.Run.IsolationPlace}: a process of its own is for components that answer HTTP requests (that export `wasi:http`), and `{manifest.Name}` does not: commands, functions and handlers of messages run in the server's process. Write `isolation = \"instance\"` for it.");
        }

        if (manifest.Run.Isolation == IsolationLevel.Process && manifest.Imports.Count + manifest.Middleware.Count > 0)
        {
            throw new ComponentLoadException(
                $"{manifest.Run.IsolationPlace}: `{manifest.Name}` has `imports` or `middleware`, which do not go together with a process of its own yet: choose one of the two.");
        }

        if (manifest.Run.ReusePlace.Line > 0 && !IsService)
        {
            throw new ComponentLoadException(
                $"{manifest.Run.ReusePlace}: `reuse` is for services of WASI 0.3 (that export `wasi:http/handler@0.3.0`), and `{manifest.Name}` is none: each of its runs has an instance of its own.");
        }
    }

    /// <summary>Whether it exports one of these interfaces.</summary>
    public bool Exports(IEnumerable<string> interfaces) => interfaces.Any(_exports.Contains);

    /// <exception cref="ComponentLoadException">It is to be told of changes, and cannot be.</exception>
    public void CheckWatch(ComponentManifest manifest, WatchTrigger watch, IWatchCapability capability)
    {
        if (!Exports(capability.WatcherInterfaces))
        {
            throw new ComponentLoadException(
                $"{watch.Place}: `{manifest.Name}` cannot be told of changes: it exports none of {string.Join(", ", capability.WatcherInterfaces.Select(i => $"`{i}`"))}. `windhover inspect {manifest.Source}` shows what it exports.");
        }

        if (manifest.Run.Isolation == IsolationLevel.Process)
            throw new ComponentLoadException($"{manifest.Run.IsolationPlace}: changes are told to components in the server's process, and `{manifest.Name}` has one of its own. Write `isolation = \"instance\"` for it, or let another component watch.");
    }

    private static string[] ReadExports(string path, byte[] bytes)
    {
        try
        {
            return [.. ComponentSummary.Read(bytes).Exports.Select(e => e.Name)];
        }
        catch (InvalidComponentException error)
        {
            throw new ComponentLoadException($"{path}: the component is invalid: {error.Message}", error);
        }
    }

    private static byte[] FromText(string path, byte[] bytes)
    {
        if (!IsText(bytes))
            return bytes;
        try
        {
            return WatCompiler.Compile(Encoding.UTF8.GetString(bytes));
        }
        catch (InvalidModuleException error)
        {
            throw new ComponentLoadException($"{path}: {error.Message}", error);
        }
    }

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> text = bytes.TrimStart(" \t\r\n"u8);
        return text.StartsWith("(module"u8) || text.StartsWith("(component"u8) || text.StartsWith(";;"u8) || text.StartsWith("(;"u8);
    }
}
