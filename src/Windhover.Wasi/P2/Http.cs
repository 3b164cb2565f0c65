using Windhover.Wasi.Bindings.Wasi.Http.OutgoingHandler;
using Windhover.Wasi.Bindings.Wasi.Http.Types;
using Windhover.Wasi.Bindings.Wasi.Io.Error;
using Windhover.Wasi.Http;
using Windhover.Wasi.Io;
using IHttpTypes = Windhover.Wasi.Bindings.Wasi.Http.Types.ITypes;
using WitHeaderError = Windhover.Wasi.Bindings.Wasi.Http.Types.HeaderError;

namespace Windhover.Wasi.P2;

/// <summary><c>wasi:http</c>, outside of its resources: constructors, static functions, and the sending of requests.</summary>
internal sealed partial class P2Host : IHttpTypes, IOutgoingHandler
{
    ErrorCode? IHttpTypes.HttpErrorCode(IError err) => (err as IoError)?.Code is HttpError error ? error.ToWit() : null;

    IFields IHttpTypes.CreateFields() => new Fields(FieldBytes) { Usage = context.Usage };

    Result<IFields, WitHeaderError> IHttpTypes.FieldsFromList((string, byte[])[] entries)
    {
        var fields = Fields.FromList(entries, FieldBytes, context.Usage);
        return fields.TryGet(out var value, out var error) ? Result<IFields, WitHeaderError>.Ok(value) : error.ToWit();
    }

    IOutgoingRequest IHttpTypes.CreateOutgoingRequest(IFields headers) => new OutgoingRequest(context, (Fields)headers);

    IRequestOptions IHttpTypes.CreateRequestOptions() => new RequestOptions();

    void IHttpTypes.ResponseOutparamSet(IResponseOutparam param, Result<IOutgoingResponse, ErrorCode> response) => ((ResponseOutparam)param).Set(
        response.TryGet(out var answer, out var error) ? Result<OutgoingResponse, HttpError>.Ok((OutgoingResponse)answer) : error.FromWit());

    IFutureTrailers IHttpTypes.IncomingBodyFinish(IIncomingBody @this) => ((IncomingBody)@this).Finish();

    IOutgoingResponse IHttpTypes.CreateOutgoingResponse(IFields headers) => new OutgoingResponse(context, (Fields)headers);

    Result<Unit, ErrorCode> IHttpTypes.OutgoingBodyFinish(IOutgoingBody @this, IFields? trailers) => ((OutgoingBody)@this).Finish((Fields?)trailers).ToWit();

    Result<IFutureIncomingResponse, ErrorCode> IOutgoingHandler.Handle(IOutgoingRequest request, IRequestOptions? options) =>
        ((OutgoingRequest)request).Handle((RequestOptions?)options).ToWit(static IFutureIncomingResponse (future) => future);

    private int FieldBytes => context.FieldBytes;
}
