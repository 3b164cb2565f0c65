using Windhover.Components.Linking;
using Windhover.Hosting.Watching;
using Draft = Windhover.Capabilities.KeyValue.Bindings.Wasi.Keyvalue_0_2_0_draft;
using Draft2 = Windhover.Capabilities.KeyValue.Bindings.Wasi.Keyvalue_0_2_0_draft2;
using Wasmcloud = Windhover.Capabilities.KeyValue.Bindings.Wasmcloud.Keyvalue;

namespace Windhover.Capabilities.KeyValue.Watching;

/// <summary>The way to a component's watcher: <c>wasi:keyvalue/watcher</c> of either draft, or <c>wasmcloud:keyvalue/watcher</c>; the first that it exports.</summary>
internal static class WatcherBinding
{
    public static IReadOnlyList<string> Interfaces { get; } = ["wasi:keyvalue/watcher@0.2.0-draft", "wasi:keyvalue/watcher@0.2.0-draft2", "wasmcloud:keyvalue/watcher@0.2.0"];

    /// <exception cref="LinkException">It exports one of another type.</exception>
    public static ChangeHandling? TryBind(PreparedComponent component)
    {
        if (Draft.Watcher.WatcherExports.TryBind(component) is { } draft)
        {
            return (instance, guest, resource, change) =>
            {
                if (change.Kind == ChangeKind.Set)
                    draft.OnSet(instance, Open(resource, guest), change.Key, Value(change).Span);
                else
                    draft.OnDelete(instance, Open(resource, guest), change.Key);
            };
        }

        if (Draft2.Watcher.WatcherExports.TryBind(component) is { } draft2)
        {
            return (instance, guest, resource, change) =>
            {
                if (change.Kind == ChangeKind.Set)
                    draft2.OnSet(instance, Open(resource, guest), change.Key, Value(change).Span);
                else
                    draft2.OnDelete(instance, Open(resource, guest), change.Key);
            };
        }

        if (Wasmcloud.Watcher.WatcherExports.TryBind(component) is { } wasmcloud)
        {
            return (instance, guest, resource, change) => guest.Wait(change.Kind == ChangeKind.Set
                ? wasmcloud.OnSetAsync(instance, Open(resource, guest), change.Key, Value(change), guest.Aborted)
                : wasmcloud.OnDeleteAsync(instance, Open(resource, guest), change.Key, guest.Aborted));
        }

        return null;
    }

    // What the guest is given belongs to it: it may keep it for as long as its instance lives, which is this run.
    private static Bucket Open(IWatchedResource resource, GuestContext guest) => new(((WatchedStore)resource).Store, guest);

    private static ReadOnlyMemory<byte> Value(StoreChange change) => change.Value ?? throw new ArgumentException("The change has no value yet.", nameof(change));
}
