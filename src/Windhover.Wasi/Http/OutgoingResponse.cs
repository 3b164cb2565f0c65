namespace Windhover.Wasi.Http;

/// <summary>The guest's answer: <c>wasi:http/types.outgoing-response</c>.</summary>
internal sealed partial class OutgoingResponse(WasiContext context, Fields headers) : OutgoingMessage(context, headers, isRequest: false)
{
    /// <summary>The status; 200 unless set.</summary>
    public ushort StatusCode { get; private set; } = 200;

    /// <summary>Sets the status, 100 to 599.</summary>
    public Result<Unit, Unit> SetStatusCode(ushort statusCode)
    {
        if (statusCode is < 100 or > 599)
            return Result.Err();
        StatusCode = statusCode;
        return Result.Ok();
    }
}
