using System.Net;
using System.Net.Sockets;
using Windhover.Engine;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Sockets;

/// <summary><c>wasi:sockets/tcp.shutdown-type</c>, in its order.</summary>
internal enum ShutdownType
{
    Receive,
    Send,
    Both,
}

/// <summary>
/// A TCP socket: <c>wasi:sockets/tcp.tcp-socket</c>.
/// </summary>
/// <remarks>
/// <code>
///              start-bind             start-listen               accept → connected sockets
///   Unbound ─────────────→ Bound ─────────────────→ Listening
///      │                     │
///      └── start-connect ────┴──→ Connecting ── finish-connect ──→ Connected
///                                     └── failed ─→ Closed
/// </code>
/// WASI 0.2 splits these steps in halves: binding and listening are done in their <c>start-</c> half; <c>_unfinished</c> remembers that the <c>finish-</c> half is
/// still owed. WASI 0.3 makes each step at once: <c>TcpSocket.Async.cs</c>.
/// </remarks>
internal sealed partial class TcpSocket : ReadinessSource, IDisposable
{
    private readonly WasiContext _context;
    private readonly AddressFamily _family;
    private readonly PendingOperation<bool> _connect;
    private readonly PendingOperation<Socket> _accept;
    private readonly TcpConnection _connection;
    private State _state;
    private Operation _unfinished;
    private int _backlog = 128;
    private bool _disposed;

    private TcpSocket(WasiContext context, Socket socket, State state)
    {
        _context = context;
        _family = socket.AddressFamily;
        _state = state;
        _connection = new TcpConnection(socket, context.Usage);
        _connect = new PendingOperation<bool>(this);
        _accept = new PendingOperation<Socket>(this);
    }

    private enum State
    {
        Unbound,
        Bound,
        Listening,
        Connecting,
        Connected,
        Closed,
    }

    private enum Operation
    {
        None,
        Bind,
        Connect,
        Listen,
    }

    private Socket Socket => _connection.Socket;

    /// <summary>A new socket, which can reach nothing yet.</summary>
    public static Result<TcpSocket, NetworkError> Create(WasiContext context, AddressFamily family)
    {
        var socket = context.CreateSocket(family, SocketType.Stream, ProtocolType.Tcp);
        return socket.IsOk ? new TcpSocket(context, socket.Value, State.Unbound) : socket.Error;
    }

    /// <inheritdoc/>
    public override bool IsReady => _state switch
    {
        State.Connecting => _connect.IsCompleted,
        State.Listening => AcceptIsReady(),
        _ => true,
    };

    /// <summary>Binds to a local address.</summary>
    public Result<Unit, NetworkError> StartBind(NetworkGrant network, IPEndPoint local)
    {
        if (_unfinished != Operation.None)
            return NetworkError.ConcurrencyConflict;
        var result = BindNow(network, local);
        if (result.IsOk)
            _unfinished = Operation.Bind;
        return result;
    }

    /// <summary>The other half of <see cref="StartBind"/>.</summary>
    public Result<Unit, NetworkError> FinishBind() => Finish(Operation.Bind);

    /// <summary>Starts to accept connections. The socket must have been bound.</summary>
    public Result<Unit, NetworkError> StartListen()
    {
        if (_unfinished != Operation.None)
            return NetworkError.ConcurrencyConflict;
        var result = ListenNow();
        if (result.IsOk)
            _unfinished = Operation.Listen;
        return result;
    }

    /// <summary>The other half of <see cref="StartListen"/>.</summary>
    public Result<Unit, NetworkError> FinishListen() => Finish(Operation.Listen);

    /// <summary>Starts to connect. Failing closes the socket for good.</summary>
    public Result<Unit, NetworkError> StartConnect(NetworkGrant network, IPEndPoint remote)
    {
        if (_unfinished != Operation.None)
            return NetworkError.ConcurrencyConflict;
        if (CheckConnect(network, remote) is { } refused)
            return refused;
        _state = State.Connecting;
        _unfinished = Operation.Connect;
        _connect.Start(ConnectAsync(remote));
        return Result.Ok();
    }

    /// <summary>The other half of <see cref="StartConnect"/>.</summary>
    /// <returns>The two directions of the connection, or <c>would-block</c> while it is not there yet.</returns>
    public Result<(InputStream Input, OutputStream Output), NetworkError> FinishConnect()
    {
        if (_unfinished != Operation.Connect)
            return NetworkError.NotInProgress;
        if (!_connect.IsCompleted)
            return NetworkError.WouldBlock;
        _unfinished = Operation.None;
        try
        {
            _connect.Take();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            _state = State.Closed;
            return NetworkErrors.From(exception);
        }
        _state = State.Connected;
        return MakeStreams();
    }

    /// <summary>Takes a connection that a client opened.</summary>
    /// <returns>The connection, or <c>would-block</c> while there is none.</returns>
    public Result<(TcpSocket Socket, InputStream Input, OutputStream Output), NetworkError> Accept()
    {
        if (_state != State.Listening || _unfinished != Operation.None)
            return NetworkError.InvalidState;
        if (!AcceptIsReady())
            return NetworkError.WouldBlock;
        Socket accepted;
        try
        {
            accepted = _accept.Take();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return NetworkErrors.From(exception);
        }
        if (!_context.Usage.TryOpen(BudgetKind.Connections))
        {
            accepted.Dispose();
            return NetworkError.NewSocketLimit;
        }
        var socket = new TcpSocket(_context, accepted, State.Connected);
        var (input, output) = socket.MakeStreams();
        return (socket, input, output);
    }

    /// <summary>Ends one or both directions of a connection.</summary>
    public Result<Unit, NetworkError> Shutdown(ShutdownType type)
    {
        if (_state != State.Connected)
            return NetworkError.InvalidState;
        if (type is ShutdownType.Receive or ShutdownType.Both)
        {
            _connection.Input?.Shutdown();
            // The peer learns nothing of it, so there is nothing to report if it is gone.
            SocketOptions.Try(() => Socket.Shutdown(SocketShutdown.Receive));
        }
        if (type is ShutdownType.Send or ShutdownType.Both)
            _connection.Output?.Shutdown();
        return Result.Ok();
    }

    /// <summary>A pollable that is ready when a <c>finish-</c> or <c>accept</c> would not block.</summary>
    public Pollable Subscribe() => new(this, _context.Blocking);

    /// <summary>The guest drops the socket; streams that it still has keep the connection.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_state == State.Connecting || (_state == State.Listening && !_acceptsAll))
        {
            Socket.Dispose(); // ends the pending operation
            if (_accept.IsActive)
                _ = DropAcceptedAsync();
        }
        _connection.Release();
    }

    /// <inheritdoc/>
    public override void Arm()
    {
        if (_state == State.Connecting)
            _connect.Hook();
        else if (_state == State.Listening)
            _accept.Hook(); // IsReady has started it
    }

    private Result<Unit, NetworkError> BindNow(NetworkGrant network, IPEndPoint local)
    {
        if (_state != State.Unbound)
            return NetworkError.InvalidState;
        if (!Addresses.IsBindable(local, _family))
            return NetworkError.InvalidArgument;
        if (!network.Allows(NetworkUse.Listen, local))
            return NetworkError.AccessDenied;
        var result = SocketOptions.Try(() => Socket.Bind(local));
        if (result.IsOk)
            _state = State.Bound;
        return result;
    }

    private Result<Unit, NetworkError> ListenNow()
    {
        if (_state != State.Bound)
            return NetworkError.InvalidState;
        var result = SocketOptions.Try(() => Socket.Listen(_backlog));
        if (result.IsOk)
            _state = State.Listening;
        return result;
    }

    private NetworkError? CheckConnect(NetworkGrant network, IPEndPoint remote)
    {
        if (_state is not (State.Unbound or State.Bound))
            return NetworkError.InvalidState;
        if (!Addresses.IsRemote(remote, _family))
            return NetworkError.InvalidArgument;
        return network.Allows(NetworkUse.Connect, remote) ? null : NetworkError.AccessDenied;
    }

    private async ValueTask<bool> ConnectAsync(IPEndPoint remote)
    {
        await Socket.ConnectAsync(remote, _context.Aborted).ConfigureAwait(false);
        return true;
    }

    // A connection that arrived just before the socket was dropped.
    private async Task DropAcceptedAsync()
    {
        try
        {
            while (!_accept.IsCompleted)
                await WaitReadyAsync(CancellationToken.None).ConfigureAwait(false);
            _accept.Take().Dispose();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // There was none.
        }
    }

    private bool AcceptIsReady()
    {
        if (!_accept.IsActive && !_disposed)
            _accept.Start(Socket.AcceptAsync(CancellationToken.None));
        return _accept.IsCompleted;
    }

    private Result<Unit, NetworkError> Finish(Operation operation)
    {
        if (_unfinished != operation)
            return NetworkError.NotInProgress;
        _unfinished = Operation.None;
        return Result.Ok();
    }

    private (InputStream Input, OutputStream Output) MakeStreams()
    {
        _connection.Input = new TcpInputStream(_connection, _context.Blocking);
        _connection.Output = new TcpOutputStream(_connection, _context.Blocking);
        return (_connection.Input, _connection.Output);
    }
}
