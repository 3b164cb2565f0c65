using Windhover.Components.Async;
using Windhover.Wasi.Bindings.P3.Wasi.Http.Client;
using Windhover.Wasi.Bindings.P3.Wasi.Http.Handler;
using Windhover.Wasi.Bindings.P3.Wasi.Http.Types;
using Windhover.Wasi.Http;
using IFields = Windhover.Wasi.Bindings.P3.Wasi.Http.Types.IFields;
using IHttpTypes = Windhover.Wasi.Bindings.P3.Wasi.Http.Types.ITypes;
using IRequestOptions = Windhover.Wasi.Bindings.P3.Wasi.Http.Types.IRequestOptions;
using WitHeaderError = Windhover.Wasi.Bindings.P3.Wasi.Http.Types.HeaderError;

namespace Windhover.Wasi.P3;

/// <summary><c>wasi:http</c>, outside of its resources: constructors, static functions, the sending of requests, and the next component of a chain.</summary>
internal sealed partial class P3Host : IHttpTypes, IClient, IHandler
{
    private int FieldBytes => context.FieldBytes;

    IFields IHttpTypes.CreateFields() => new Fields(FieldBytes) { Usage = context.Usage };

    Result<IFields, WitHeaderError> IHttpTypes.FieldsFromList((string, byte[])[] entries) =>
        Fields.FromList(entries, FieldBytes, context.Usage).TryGet(out var value, out var error) ? Result<IFields, WitHeaderError>.Ok(value) : error.ToWit();

    IRequestOptions IHttpTypes.CreateRequestOptions() => new RequestOptions();

    (IRequest, HostFuture<Result<Unit, ErrorCode>>) IHttpTypes.RequestNew(
        IFields headers, GuestStreamReader? contents, GuestFuture<Result<IFields?, ErrorCode>> trailers, IRequestOptions? options)
    {
        var body = new GuestBody(context, contents, trailers);
        return (new HttpRequest((Fields)headers, body, (RequestOptions?)options), body.Sent);
    }

    (HostStream, HostFuture<Result<IFields?, ErrorCode>>) IHttpTypes.RequestConsumeBody(IRequest @this, GuestFuture<Result<Unit, ErrorCode>> res) =>
        ((HttpRequest)@this).TakeBody().Consume(res);

    (IResponse, HostFuture<Result<Unit, ErrorCode>>) IHttpTypes.ResponseNew(
        IFields headers, GuestStreamReader? contents, GuestFuture<Result<IFields?, ErrorCode>> trailers)
    {
        var body = new GuestBody(context, contents, trailers);
        return (new HttpResponse((Fields)headers, body), body.Sent);
    }

    (HostStream, HostFuture<Result<IFields?, ErrorCode>>) IHttpTypes.ResponseConsumeBody(IResponse @this, GuestFuture<Result<Unit, ErrorCode>> res) =>
        ((HttpResponse)@this).TakeBody().Consume(res);

    async ValueTask<Result<IResponse, ErrorCode>> IClient.SendAsync(IRequest request, CancellationToken cancellationToken)
    {
        var sent = await HttpClient.SendAsync(context, (HttpRequest)request, cancellationToken).ConfigureAwait(false);
        return sent.TryGet(out var response, out var error) ? Result<IResponse, ErrorCode>.Ok(response) : error.ToWit();
    }

    async ValueTask<Result<IResponse, ErrorCode>> IHandler.HandleAsync(IRequest request, CancellationToken cancellationToken)
    {
        if (context.NextHandler is not { } next)
        {
            ((HttpRequest)request).Dispose();
            return new HttpError(HttpErrorKind.DestinationNotFound).ToWit();
        }

        return await next.CallAsync((HttpRequest)request, context.Caller, cancellationToken).ConfigureAwait(false);
    }
}
