using Windhover.Wasi.Bindings.Wasi.Http.Types;
using Windhover.Wasi.Http;

namespace Windhover.Wasi;

/// <summary>A request that the guest is to answer.</summary>
public sealed partial class WasiContext
{
    /// <summary>
    /// The two arguments of <c>wasi:http/incoming-handler.handle</c> for one exchange. Both belong to the guest once they are passed to it; a guest that drops
    /// the second without an answer aborts the exchange.
    /// </summary>
    public (IIncomingRequest Request, IResponseOutparam Response) OpenExchange(IHttpExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        return (new IncomingRequest(this, exchange), new ResponseOutparam(exchange));
    }
}
