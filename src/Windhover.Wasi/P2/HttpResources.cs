using Windhover.Wasi.Bindings.Wasi.Http.Types;
using Windhover.Wasi.Bindings.Wasi.Io.Poll;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.P2;
using WitHeaderError = Windhover.Wasi.Bindings.Wasi.Http.Types.HeaderError;

namespace Windhover.Wasi.Http;

// The resources of wasi:http/types, in the words of WASI 0.2.

public sealed partial class Fields : IFields
{
    IReadOnlyList<ReadOnlyMemory<byte>> IFields.Get(string name) => Get(name);

    bool IFields.Has(string name) => Has(name);

    Result<Unit, WitHeaderError> IFields.Set(string name, byte[][] value) => Set(name, value).ToWit();

    Result<Unit, WitHeaderError> IFields.Delete(string name) => Delete(name).ToWit();

    Result<Unit, WitHeaderError> IFields.Append(string name, ReadOnlySpan<byte> value) => Append(name, value).ToWit();

    IReadOnlyList<(string, ReadOnlyMemory<byte>)> IFields.Entries() => Entries();

    IFields IFields.Clone() => Clone();
}

internal sealed partial class IncomingRequest : IIncomingRequest
{
    Method IIncomingRequest.Method() => HttpWords.ToWitMethod(Method);

    string? IIncomingRequest.PathWithQuery() => PathWithQuery;

    Scheme? IIncomingRequest.Scheme() => HttpWords.ToWitScheme(Scheme);

    string? IIncomingRequest.Authority() => Authority;

    IFields IIncomingRequest.Headers() => Headers;

    Result<IIncomingBody, Unit> IIncomingRequest.Consume() => Consume().TryGet(out var body, out _) ? Result<IIncomingBody, Unit>.Ok(body) : Result.Err();
}

internal sealed partial class IncomingResponse : IIncomingResponse
{
    ushort IIncomingResponse.Status() => Status;

    IFields IIncomingResponse.Headers() => Headers;

    Result<IIncomingBody, Unit> IIncomingResponse.Consume() => Consume().TryGet(out var body, out _) ? Result<IIncomingBody, Unit>.Ok(body) : Result.Err();
}

internal sealed partial class IncomingBody : IIncomingBody
{
    Result<IInputStream, Unit> IIncomingBody.Stream() => Stream().TryGet(out var stream, out _) ? Result<IInputStream, Unit>.Ok(stream) : Result.Err();
}

internal sealed partial class FutureTrailers : IFutureTrailers
{
    IPollable IFutureTrailers.Subscribe() => Subscribe();

    Result<Result<IFields?, ErrorCode>, Unit>? IFutureTrailers.Get()
    {
        if (Get() is not { } outcome)
            return null;
        return outcome.TryGet(out var trailers, out _)
            ? Result<Result<IFields?, ErrorCode>, Unit>.Ok(trailers.ToWit(static IFields? (fields) => fields))
            : Result.Err();
    }
}

internal sealed partial class OutgoingRequest : IOutgoingRequest
{
    Result<IOutgoingBody, Unit> IOutgoingRequest.Body() => BodyAsWit();

    Method IOutgoingRequest.Method() => HttpWords.ToWitMethod(Method);

    Result<Unit, Unit> IOutgoingRequest.SetMethod(Method method) => SetMethod(method.FromWit());

    string? IOutgoingRequest.PathWithQuery() => PathWithQuery;

    Result<Unit, Unit> IOutgoingRequest.SetPathWithQuery(string? pathWithQuery) => SetPathWithQuery(pathWithQuery);

    Scheme? IOutgoingRequest.Scheme() => HttpWords.ToWitScheme(Scheme);

    Result<Unit, Unit> IOutgoingRequest.SetScheme(Scheme? scheme) => SetScheme(scheme.FromWit());

    string? IOutgoingRequest.Authority() => Authority;

    Result<Unit, Unit> IOutgoingRequest.SetAuthority(string? authority) => SetAuthority(authority);

    IFields IOutgoingRequest.Headers() => Headers.Share();
}

internal sealed partial class OutgoingResponse : IOutgoingResponse
{
    ushort IOutgoingResponse.StatusCode() => StatusCode;

    Result<Unit, Unit> IOutgoingResponse.SetStatusCode(ushort statusCode) => SetStatusCode(statusCode);

    IFields IOutgoingResponse.Headers() => Headers.Share();

    Result<IOutgoingBody, Unit> IOutgoingResponse.Body() => BodyAsWit();
}

internal abstract partial class OutgoingMessage
{
    protected Result<IOutgoingBody, Unit> BodyAsWit() => Body().TryGet(out var body, out _) ? Result<IOutgoingBody, Unit>.Ok(body) : Result.Err();
}

internal sealed partial class OutgoingBody : IOutgoingBody
{
    Result<IOutputStream, Unit> IOutgoingBody.Write() => Write().TryGet(out var stream, out _) ? Result<IOutputStream, Unit>.Ok(stream) : Result.Err();
}

internal sealed partial class FutureIncomingResponse : IFutureIncomingResponse
{
    IPollable IFutureIncomingResponse.Subscribe() => Subscribe();

    Result<Result<IIncomingResponse, ErrorCode>, Unit>? IFutureIncomingResponse.Get()
    {
        if (Get() is not { } outcome)
            return null;
        return outcome.TryGet(out var response, out _)
            ? Result<Result<IIncomingResponse, ErrorCode>, Unit>.Ok(response.ToWit(static IIncomingResponse (answer) => answer))
            : Result.Err();
    }
}

internal sealed partial class ResponseOutparam : IResponseOutparam
{
    Result<Unit, ErrorCode> IResponseOutparam.SendInformational(ushort status, IFields headers) => SendInformational(status, (Fields)headers).ToWit();
}

internal sealed partial class RequestOptions : IRequestOptions
{
    ulong? IRequestOptions.ConnectTimeout() => ConnectTimeout;

    Result<Unit, Unit> IRequestOptions.SetConnectTimeout(ulong? duration)
    {
        ConnectTimeout = duration;
        return Result.Ok();
    }

    ulong? IRequestOptions.FirstByteTimeout() => FirstByteTimeout;

    Result<Unit, Unit> IRequestOptions.SetFirstByteTimeout(ulong? duration)
    {
        FirstByteTimeout = duration;
        return Result.Ok();
    }

    ulong? IRequestOptions.BetweenBytesTimeout() => BetweenBytesTimeout;

    Result<Unit, Unit> IRequestOptions.SetBetweenBytesTimeout(ulong? duration)
    {
        BetweenBytesTimeout = duration;
        return Result.Ok();
    }
}
