using Windhover.Wasi.Bindings.P3.Wasi.Http.Types;
using IRequestOptions = Windhover.Wasi.Bindings.P3.Wasi.Http.Types.IRequestOptions;

namespace Windhover.Wasi.Http;

/// <summary>In 0.3 the options that belong to a request can no longer be changed.</summary>
internal sealed partial class RequestOptions : IRequestOptions
{
    public bool IsImmutable { get; private set; }

    public RequestOptions Freeze()
    {
        IsImmutable = true;
        return this;
    }

    ulong? IRequestOptions.GetConnectTimeout() => ConnectTimeout;

    Result<Unit, RequestOptionsError> IRequestOptions.SetConnectTimeout(ulong? duration) => Change(() => ConnectTimeout = duration);

    ulong? IRequestOptions.GetFirstByteTimeout() => FirstByteTimeout;

    Result<Unit, RequestOptionsError> IRequestOptions.SetFirstByteTimeout(ulong? duration) => Change(() => FirstByteTimeout = duration);

    ulong? IRequestOptions.GetBetweenBytesTimeout() => BetweenBytesTimeout;

    Result<Unit, RequestOptionsError> IRequestOptions.SetBetweenBytesTimeout(ulong? duration) => Change(() => BetweenBytesTimeout = duration);

    IRequestOptions IRequestOptions.Clone() => new RequestOptions
    {
        ConnectTimeout = ConnectTimeout,
        FirstByteTimeout = FirstByteTimeout,
        BetweenBytesTimeout = BetweenBytesTimeout,
    };

    private Result<Unit, RequestOptionsError> Change(Action change)
    {
        if (IsImmutable)
            return RequestOptionsError.Immutable.Instance;
        change();
        return Result.Ok();
    }
}
