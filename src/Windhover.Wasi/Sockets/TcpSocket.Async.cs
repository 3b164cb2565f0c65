using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Windhover.Engine;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Sockets;

/// <summary>Each step in one piece, waiting on no thread: what WASI 0.3 asks for.</summary>
internal sealed partial class TcpSocket
{
    // How long accepting rests when the host has no descriptors or buffers left, which no guest can mend.
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(100);

    // Connections are taken by AcceptAllAsync, which keeps the socket open by itself.
    private bool _acceptsAll;

    /// <summary>Binds to a local address.</summary>
    public Result<Unit, NetworkError> Bind(NetworkGrant network, IPEndPoint local) => BindNow(network, local);

    /// <summary>Connects. Failing, and cancelling, close the socket for good.</summary>
    /// <exception cref="OperationCanceledException">The guest gave the call up, or its work was aborted.</exception>
    public async ValueTask<Result<Unit, NetworkError>> ConnectAsync(NetworkGrant network, IPEndPoint remote, CancellationToken cancellationToken)
    {
        if (CheckConnect(network, remote) is { } refused)
            return refused;
        _state = State.Connecting;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _context.Aborted);
            await Socket.ConnectAsync(remote, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            _state = State.Closed;
            return NetworkErrors.From(exception);
        }
        catch (OperationCanceledException)
        {
            _state = State.Closed;
            throw;
        }
        _state = State.Connected;
        return Result.Ok();
    }

    /// <summary>Starts to accept connections, at a port of the system's choice if the socket was not bound (which the policy must allow: <c>listen 0.0.0.0:*</c>).</summary>
    /// <returns>All connections, each accepted as the one before is taken. To be enumerated once; the socket stays open as long as that lasts.</returns>
    public Result<IAsyncEnumerable<TcpSocket>, NetworkError> Listen(NetworkGrant network)
    {
        if (_state == State.Unbound && !BindNow(network, Addresses.Unspecified(_family)).TryGet(out _, out var notBound))
            return notBound;
        if (!ListenNow().TryGet(out _, out var error))
            return error;
        _acceptsAll = true;
        return Result<IAsyncEnumerable<TcpSocket>, NetworkError>.Ok(AcceptAllAsync());
    }

    /// <summary>The receiving half of the connection, once.</summary>
    public Result<InputStream, NetworkError> Receive()
    {
        if (_state != State.Connected || _connection.Input is not null)
            return NetworkError.InvalidState;
        return _connection.Input = new TcpInputStream(_connection, _context.Blocking);
    }

    /// <summary>The sending half of the connection, once.</summary>
    public Result<TcpOutputStream, NetworkError> Send()
    {
        if (_state != State.Connected || _connection.Output is not null)
            return NetworkError.InvalidState;
        return _connection.Output = new TcpOutputStream(_connection, _context.Blocking);
    }

    /// <summary>The guest will read no more.</summary>
    public void EndReceive() => SocketOptions.Try(() => Socket.Shutdown(SocketShutdown.Receive)); // the peer learns nothing of it: nothing to report if it is gone

    private async IAsyncEnumerable<TcpSocket> AcceptAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _context.Aborted);
        _connection.AddUser();
        var released = 0;
        // Where the guest drops the stream, not when the pending accept has noticed: the guest may want the port again at once.
        using var dropped = cancellationToken.UnsafeRegister(_ => Release(), null);
        try
        {
            while (await AcceptNextAsync(either.Token).ConfigureAwait(false) is { } accepted)
                yield return accepted;
        }
        finally
        {
            Release();
        }

        void Release()
        {
            if (Interlocked.Exchange(ref released, 1) == 0)
                _connection.Release();
        }
    }

    /// <returns>Null when the socket was closed.</returns>
    private async ValueTask<TcpSocket?> AcceptNextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (Adopt(await Socket.AcceptAsync(cancellationToken).ConfigureAwait(false)) is { } adopted)
                    return adopted;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                await Task.Delay(s_rest, _context.Options.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException exception) when (exception.SocketErrorCode is not (SocketError.OperationAborted or SocketError.InvalidArgument or SocketError.NotSocket))
            {
                // That connection came to nothing (accept(2) of Linux reports the network errors of a new connection): the next one may do better.
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return null;
            }
        }
    }

    // A guest at its limit of sockets has nowhere to put a connection: the peer sees it close.
    private TcpSocket? Adopt(Socket accepted)
    {
        if (!_context.Usage.TryOpen(BudgetKind.Connections))
        {
            accepted.Dispose();
            return null;
        }
        try
        {
            return new TcpSocket(_context, accepted, State.Connected);
        }
        catch (SocketException)
        {
            accepted.Dispose(); // gone before its options could be set
            _context.Usage.Closed(BudgetKind.Connections);
            return null;
        }
    }
}
