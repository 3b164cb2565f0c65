using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Wasi.P3;
using Windhover.Wasi.Tests.Http;

namespace Windhover.Wasi.Tests;

/// <summary>One instance of a component that answers requests by <c>wasi:http/handler</c>.</summary>
internal sealed class ServiceGuest : IDisposable
{
    private readonly CancellationTokenSource _ended = new(Guest.Patience);
    private readonly Store _store;
    private readonly WasiContext _context;
    private readonly HttpService _service;

    public ServiceGuest(WasmEngine engine, PreparedComponent component, WasiOptions options, HttpNext? next = null)
    {
        _store = new Store(engine);
        _store.SetDeadline(Guest.Patience);
        _context = new WasiContext(options, aborted: _ended.Token) { NextHandler = next };
        _service = HttpService.Find(component)!;
        Instance = component.Instantiate(_store, _context);
    }

    public ComponentInstance Instance { get; }

    public Task HandleAsync(FakeExchange exchange, CancellationToken cancellation = default) =>
        _service.HandleAsync(Instance, exchange, cancellation).WaitAsync(Guest.Patience, CancellationToken.None);

    public void Dispose()
    {
        Instance.Dispose();
        _store.Dispose();
        _context.Dispose();
        _ended.Dispose();
    }
}
