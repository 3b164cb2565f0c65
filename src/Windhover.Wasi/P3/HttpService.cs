using Windhover.Components.Abi;
using Windhover.Components.Linking;
using Windhover.Wasi.Bindings.P3.Exports.Wasi.Http.Handler;
using Windhover.Wasi.Bindings.P3.Wasi.Http.Types;
using Windhover.Wasi.Http;

namespace Windhover.Wasi.P3;

// One request's way through a component of 0.3, which may answer others meanwhile:
//
//   (1) request     method, target and header fields are copied, since the guest may keep the request beyond its end
//   (2) handle      a task of the instance; its result is the response, while the content may still be written
//   (3) response    status and header fields, then the content as the guest writes it, then trailers
//   (4) end         reading of the request's content ends, whatever the guest does with it: the server takes its memory back

/// <summary>
/// A component's <c>wasi:http/handler</c>: looked up once, then called on instances, many requests at a time in each. Thread-safe, as it holds no state of an instance.
/// </summary>
public sealed class HttpService
{
    private readonly HandlerExports _exports;

    private HttpService(HandlerExports exports) => _exports = exports;

    /// <summary>The handler of a component, of 0.3.0 or a release candidate of it with the same types; null when it exports none.</summary>
    /// <exception cref="LinkException">It exports one of another type.</exception>
    public static HttpService? Find(PreparedComponent component) => HandlerExports.TryBind(component) is { } exports ? new HttpService(exports) : null;

    /// <summary>Has a guest answer one request. Completes when the answer was sent, or cannot be; the guest may go on after that.</summary>
    /// <param name="instance">An instance whose state has the guest's <see cref="WasiContext"/>.</param>
    /// <param name="exchange">The request, and where the answer goes. Not used after the task has completed.</param>
    /// <param name="cancellationToken">Gives the request up: the guest's task is asked to end, its streams do.</param>
    /// <param name="caller">For whom: <see cref="WasiContext.Caller"/> of what the guest does for this request, where the context knows its <see cref="WasiContext.Instance"/>.</param>
    /// <exception cref="Engine.TrapException">The guest trapped, in this request or another one of the instance.</exception>
    /// <exception cref="OperationCanceledException">The request was given up.</exception>
    public async Task HandleAsync(ComponentInstance instance, IHttpExchange exchange, CancellationToken cancellationToken, object? caller = null)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(exchange);
        var headers = new Fields(int.MaxValue); // the server has its own limit, and has accepted them
        exchange.ReadRequestHeaders(headers);
        var body = new HostBody(exchange.RequestBody, new RequestTrailers(exchange), null, cancellationToken);
        var request = new HttpRequest(headers, body, null)
        {
            Method = exchange.Method,
            PathWithQuery = exchange.PathWithQuery,
            Scheme = exchange.Scheme,
            Authority = exchange.Authority,
        };
        try
        {
            // A guest may ignore that it was cancelled; the server does not wait for it.
            var handled = CallAsync(instance, request, caller, cancellationToken);
            var answer = handled.IsCompleted ? await handled.ConfigureAwait(false) : await AwaitAsync(handled.AsTask(), cancellationToken).ConfigureAwait(false);
            if (answer.TryGet(out var response, out var error))
                await SendAsync((HttpResponse)response, exchange, cancellationToken).ConfigureAwait(false);
            else
                exchange.AbortResponse(error.FromWit());
        }
        finally
        {
            await body.StopAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Begins a call of the handler, marked with its caller.</summary>
    internal ValueTask<Result<IResponse, ErrorCode>> CallAsync(ComponentInstance instance, HttpRequest request, object? caller, CancellationToken cancellationToken)
    {
        ExportTask.MarkNext(caller);
        try
        {
            return _exports.HandleAsync(instance, request, cancellationToken);
        }
        finally
        {
            ExportTask.MarkNext(null); // it has been taken, unless the call could not begin
        }
    }

    private static async Task<Result<IResponse, ErrorCode>> AwaitAsync(Task<Result<IResponse, ErrorCode>> handled, CancellationToken ended)
    {
        try
        {
            return await handled.WaitAsync(ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!handled.IsCompleted)
        {
            // A response that comes after all is dropped, so that the guest does not write to nobody for ever.
            _ = handled.ContinueWith(
                static late =>
                {
                    if (late.IsCompletedSuccessfully && late.Result.TryGet(out var response, out _))
                        response.Dispose();
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            throw;
        }
    }

    private sealed class RequestTrailers(IHttpExchange exchange) : ITrailerSource
    {
        public Fields? Read()
        {
            var trailers = new Fields(int.MaxValue);
            return exchange.ReadRequestTrailers(trailers) ? trailers : null;
        }
    }

    private static async Task SendAsync(HttpResponse response, IHttpExchange exchange, CancellationToken ended)
    {
        var body = response.TakeBody();
        HttpError? failure = HttpError.Terminated;
        try
        {
            long? length = body.HasContents ? null : 0;
            if (body is GuestBody written)
            {
                await written.PrefetchAsync(ended).ConfigureAwait(false);
                length = written.KnownLength;
            }

            // Of a length that the guest declared, CopyToAsync sees to it that it is kept.
            exchange.StartResponse(response.StatusCode, response.Headers, length);
            var copied = await body.CopyToAsync(exchange.ResponseBody, response.DeclaredLength, HttpErrorKind.HttpResponseBodySize, ended).ConfigureAwait(false);
            if (copied.TryGet(out var trailers, out failure))
                exchange.CompleteResponse(trailers);
            else
                exchange.AbortResponse(failure);
        }
        finally
        {
            body.SetSent(failure);
            body.Dispose();
            response.Dispose();
        }
    }
}

/// <summary>What stands behind a component that imports <c>wasi:http/handler</c>: the next one of a chain.</summary>
/// <param name="service">The next component's handler.</param>
/// <param name="enter">Finds an instance of it that has room for a request.</param>
public sealed class HttpNext(HttpService service, Func<CancellationToken, ValueTask<HttpLease>> enter)
{
    internal async ValueTask<Result<IResponse, ErrorCode>> CallAsync(HttpRequest request, object? caller, CancellationToken cancellationToken)
    {
        var lease = await enter(cancellationToken).ConfigureAwait(false);
        try
        {
            var answer = await service.CallAsync(lease.Instance, request, caller, cancellationToken).ConfigureAwait(false);
            if (answer.TryGet(out var response, out _) && ((HttpResponse)response).Completion is { IsCompleted: false } completion)
                _ = ReleaseAsync(lease, completion);
            else
                lease.Release(failed: false);
            return answer;
        }
        catch (OperationCanceledException)
        {
            lease.Release(failed: false);
            throw;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            lease.Release(failed: true);
            return HttpError.Internal("The next component failed.").ToWit();
        }
    }

    private static async Task ReleaseAsync(HttpLease lease, Task completion)
    {
        await completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lease.Release(failed: false);
    }
}

/// <summary>Room for one request in an instance.</summary>
public abstract class HttpLease
{
    /// <summary>The instance.</summary>
    public abstract ComponentInstance Instance { get; }

    /// <summary>The request is over, its content included. Called once.</summary>
    /// <param name="failed">The instance trapped.</param>
    public abstract void Release(bool failed);
}
