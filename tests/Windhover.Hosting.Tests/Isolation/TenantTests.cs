using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Windhover.Components.Workers;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Isolation;

namespace Windhover.Hosting.Tests.Isolation;

/// <summary>A tenant with one app in the server's process and one in its own: the totals hold over both.</summary>
public sealed class TenantTests : IAsyncLifetime
{
    private readonly DirectoryInfo _cache = Directory.CreateTempSubdirectory("windhover-tenant");
    private readonly BudgetMeter _tenant = new("acme", Budget.ParseTenant("requests=2,memory=8MiB"));
    private WebApplication _server = null!;
    private IsolatedApp _lonely = null!;
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Guest => TestServer.Guest("c-http/c-http.wasm");

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddWindhover(o =>
        {
            o.Engine = new EngineOptions { MaxInstances = 20 };
            o.CacheDirectory = _cache.FullName;
            o.Worker = WorkerEntry.Command;
        });
        _server = builder.Build();
        ComponentHost host = _server.Services.GetRequiredService<ComponentHost>();
        _lonely = await host.LoadIsolatedAsync(Guest, await File.ReadAllBytesAsync(Guest, Token), Options("lonely"), Token);
        _server.MapComponent("/{**path}", await host.LoadAsync(Guest, Options("near"), Token)).RequireHost("near.test");
        _server.MapComponent("/{**path}", _lonely);
        await _server.StartAsync(Token);
        _client = new HttpClient { BaseAddress = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _cache.Delete(recursive: true);
    }

    [Fact]
    public async Task Its_requests_are_counted_wherever_they_run()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task far = AskAsync("lonely.test", "/sleep/20000", end.Token), near = AskAsync("near.test", "/sleep/20000", end.Token);
        await UntilAsync(() => _tenant.Used(BudgetKind.Requests) == 2); // the total is reached
        Assert.Equal(0, _tenant.Rejected(BudgetKind.Requests));
        Task<HttpStatusCode> third = AskAsync("lonely.test", "/", Token); // waits in the worker's queue
        Task<HttpStatusCode> fourth = AskAsync("near.test", "/", Token);  // and one in the server's
        await UntilAsync(() => _tenant.Used(BudgetKind.Requests) == 2);
        Assert.False(third.IsCompleted || fourth.IsCompleted);
        await end.CancelAsync(); // both sleepers end; whoever waits is let in, wherever it waits
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], await Task.WhenAll(third, fourth));
        await Task.WhenAll(far, near).ContinueWith(static _ => { }, TaskScheduler.Default);
        await EverythingIsGivenBackAsync();
        Assert.Equal(2, _tenant.Peak(BudgetKind.Requests));
    }

    [Fact]
    public async Task Its_memory_is_counted_wherever_it_is()
    {
        Assert.Equal(HttpStatusCode.OK, await AskAsync("lonely.test", "/memory/7", Token));
        Assert.InRange(_tenant.Peak(BudgetKind.Memory), 7 << 20, 8 << 20);
        Assert.NotEqual("9", await (await SendAsync("lonely.test", "/memory/9", Token)).Content.ReadAsStringAsync(Token)); // no room, by the tenant's total alone
        Assert.InRange(_tenant.Peak(BudgetKind.Memory), 7 << 20, 8 << 20);
        await EverythingIsGivenBackAsync();
    }

    [Fact]
    public async Task A_process_that_is_killed_holds_nothing()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task lost = AskAsync("lonely.test", "/sleep/20000", end.Token);
        await UntilAsync(() => _tenant.Used(BudgetKind.Requests) == 1 && _tenant.Used(BudgetKind.Memory) > 0);
        System.Diagnostics.Process.GetProcessById(_lonely.ProcessId!.Value).Kill();
        await lost.ContinueWith(static _ => { }, TaskScheduler.Default);
        await EverythingIsGivenBackAsync();
        Assert.Equal(HttpStatusCode.OK, await AskAsync("lonely.test", "/", Token));
    }

    [Fact]
    public async Task What_its_runs_cost_is_told_to_the_server()
    {
        for (int i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, await AskAsync("lonely.test", "/", Token));
        await UntilAsync(() => _lonely.Meter.Snapshot().Runs == 3);
        BudgetSnapshot app = _lonely.Meter.Snapshot(), tenant = _tenant.Snapshot();
        Assert.Equal(3 * 13, app.BytesOut);
        Assert.True(app.Cpu > TimeSpan.Zero && app.MemoryByteSeconds > 0);
        Assert.Equal((app.Runs, app.Cpu, app.BytesOut), (tenant.Runs, tenant.Cpu, tenant.BytesOut));
        Assert.Equal(1, app.Budgets[(int)BudgetKind.Instances].Peak);
    }

    [Theory]
    [InlineData(BudgetKind.Memory, 1)]   // more than it has
    [InlineData(BudgetKind.Memory, -1)]
    [InlineData(BudgetKind.Cpu, 1)]      // no total
    [InlineData((BudgetKind)999, 1)]
    public void A_worker_that_lies_about_its_shares_is_none_any_more(BudgetKind kind, long amount)
    {
        using var lease = new TenantLease(_tenant, (_, _) => { });
        Assert.Throws<WorkerException>(() => lease.Serve(WorkerLineKind.GiveBack, new TenantShare(0, kind, amount, 0)));
        Assert.Throws<WorkerException>(() => lease.Serve(WorkerLineKind.Ask, new TenantShare(0, kind, amount, amount + 1)));
        Assert.Equal(0, _tenant.Used(BudgetKind.Memory));
    }

    private ComponentOptions Options(string name) => new() { Name = name, Tenant = _tenant, Budget = Budget.Parse("memory-per-instance=16MiB") };

    private async Task EverythingIsGivenBackAsync() =>
        await UntilAsync(() => Budget.Entries.All(e => _tenant.Used(e.Kind) == 0));

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Token.ThrowIfCancellationRequested();
            await Task.Delay(5, Token);
        }
    }

    private async Task<HttpStatusCode> AskAsync(string host, string path, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await SendAsync(host, path, cancellation);
        return answer.StatusCode;
    }

    private Task<HttpResponseMessage> SendAsync(string host, string path, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        return _client.SendAsync(request, cancellation);
    }
}
