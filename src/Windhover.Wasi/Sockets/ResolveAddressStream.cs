using System.Globalization;
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

    /// <summary>Starts to look up <paramref name="name"/>. An address is its own answer; anything else goes to the host's resolver, if the policy allows.</summary>
    /// <returns><c>invalid-argument</c> for what is no host name; <c>access-denied</c> for a name that the guest may not look up.</returns>
    public static Result<ResolveAddressStream, NetworkError> Start(WasiContext context, NetworkGrant network, string name)
    {
        var stream = new ResolveAddressStream(context.Blocking);
        var literal = name.StartsWith('[') && name.EndsWith(']') ? name[1..^1] : name;
        if (IPAddress.TryParse(literal, out var address) && Uri.CheckHostName(literal) is UriHostNameType.IPv4 or UriHostNameType.IPv6)
        {
            stream._addresses = [Unmapped(address)];
            return stream;
        }

        string ascii;
        try
        {
            ascii = new IdnMapping().GetAscii(name);
        }
        catch (ArgumentException)
        {
            return NetworkError.InvalidArgument;
        }
        if (Uri.CheckHostName(ascii) != UriHostNameType.Dns)
            return NetworkError.InvalidArgument;
        if (!network.AllowsLookup(ascii))
            return NetworkError.AccessDenied;
        stream._lookup.Start(ResolveAsync(network, ascii, stream._dropped.Token));
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
                if (_addresses.Length == 0)
                    _failure = NetworkError.NameUnresolvable;
            }
            catch (Exception exception) when (exception is System.Net.Sockets.SocketException or ArgumentException or OperationCanceledException)
            {
                _failure = exception is ArgumentException ? NetworkError.NameUnresolvable : NetworkErrors.From(exception);
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

    private static async ValueTask<IPAddress[]> ResolveAsync(NetworkGrant network, string name, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(name, cancellationToken).ConfigureAwait(false);
        var plain = addresses.Select(Unmapped).Distinct().ToArray();
        network.Resolved(name, plain);
        return plain;
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
