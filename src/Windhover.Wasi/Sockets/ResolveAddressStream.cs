using System.Net;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Sockets;

/// <summary>The addresses of a host name as they come: <c>wasi:sockets/ip-name-lookup.resolve-address-stream</c>.</summary>
internal sealed partial class ResolveAddressStream : ReadinessSource, IDisposable
{
    private readonly IGuestBlocking _blocking;
    private readonly PendingOperation<IPAddress[]> _lookup;
    private readonly CancellationTokenSource _dropped = new();
    private IPAddress[]? _addresses;
    private NetworkError? _failure;
    private int _next;

    private ResolveAddressStream(IGuestBlocking blocking)
    {
        _blocking = blocking;
        _lookup = new PendingOperation<IPAddress[]>(this);
    }

    public override bool IsReady => !_lookup.IsActive || _lookup.IsCompleted;

    /// <summary>Starts a look-up; see <see cref="NameLookup"/>.</summary>
    public static Result<ResolveAddressStream, NetworkError> Start(WasiContext context, NetworkGrant network, string name)
    {
        var stream = new ResolveAddressStream(context.Blocking);
        if (!NameLookup.Parse(network, name).TryGet(out var target, out var refused))
            return refused;
        if (target.Address is { } address)
            stream._addresses = [address];
        else
            stream._lookup.Start(NameLookup.ResolveAsync(network, target.Name!, stream._dropped.Token));
        return stream;
    }

    /// <summary>The next address; null after the last; <c>would-block</c> until the first.</summary>
    public Result<IPAddress?, NetworkError> ResolveNextAddress()
    {
        if (_lookup.IsActive)
        {
            if (!_lookup.IsCompleted)
                return NetworkError.WouldBlock;
            try
            {
                _addresses = _lookup.Take();
            }
            catch (Exception exception) when (NameLookup.IsFailure(exception))
            {
                _failure = NameLookup.ErrorOf(exception);
            }
        }
        if (_failure is { } failure)
            return failure;
        return _addresses is not null && _next < _addresses.Length ? _addresses[_next++] : (IPAddress?)null;
    }

    /// <summary>A pollable that is ready when the answer is there.</summary>
    public Pollable Subscribe() => new(this, _blocking);

    public void Dispose()
    {
        _dropped.Cancel();
        _dropped.Dispose();
    }

    public override void Arm() => _lookup.Hook();
}
