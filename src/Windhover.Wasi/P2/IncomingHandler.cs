using Windhover.Components.Linking;
using Windhover.Wasi.Bindings.Wasi.Http.IncomingHandler;
using Windhover.Wasi.Http;

namespace Windhover.Wasi.P2;

/// <summary>
/// A component's <c>wasi:http/incoming-handler</c>: looked up once, then called on an instance for each request. Thread-safe, as it holds no state of an instance.
/// </summary>
public sealed class IncomingHandler
{
    private readonly IncomingHandlerExports _exports;

    private IncomingHandler(IncomingHandlerExports exports) => _exports = exports;

    /// <summary>The handler of a component of any 0.2 version; null when it exports none.</summary>
    /// <exception cref="LinkException">It exports one of another type.</exception>
    public static IncomingHandler? Find(PreparedComponent component) =>
        IncomingHandlerExports.TryBind(component) is { } exports ? new IncomingHandler(exports) : null;

    /// <summary>
    /// Has a guest answer one request. Returns when the guest returned; its answer went to <paramref name="exchange"/> meanwhile, or it gave none.
    /// </summary>
    /// <param name="instance">An instance whose state is <paramref name="context"/>.</param>
    /// <param name="context">The guest's services.</param>
    /// <param name="exchange">The request, and where the answer goes.</param>
    /// <exception cref="Engine.TrapException">The guest trapped.</exception>
    public void Handle(ComponentInstance instance, WasiContext context, IHttpExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(exchange);
        _exports.Handle(instance, new IncomingRequest(context, exchange), new ResponseOutparam(exchange));
    }
}
