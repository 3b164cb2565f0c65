using System.Net;
using Windhover.Components.Workers;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Isolation;

namespace Windhover.Hosting.Tests.Isolation;

/// <summary>A tenant with one app in the server's process and one in its own: the totals hold over both.</summary>
public sealed class TenantTests : IAsyncDisposable
{
    private BudgetMeter _tenant = null!;
    private IsolatedServer? _server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IsolatedApp Lonely => _server!.Isolated;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Fact]
    public async Task Its_requests_are_counted_wherever_they_run()
    {
        await StartAsync("requests=2");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task far = AskAsync("lonely.test", "/sleep/20000", end.Token), near = AskAsync("neighbour.test", "/sleep/20000", end.Token);
        await UntilAsync(() => _tenant.Used(BudgetKind.Requests) == 2); // the total is reached
        Assert.Equal(0, _tenant.Rejected(BudgetKind.Requests));
        Task<HttpStatusCode> third = AskAsync("lonely.test", "/", Token); // waits in the worker's queue
        Task<HttpStatusCode> fourth = AskAsync("neighbour.test", "/", Token);  // and one in the server's
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
        await StartAsync("requests=2,memory=8MiB");
        Assert.Equal(HttpStatusCode.OK, await AskAsync("lonely.test", "/memory/7", Token));
        Assert.InRange(_tenant.Peak(BudgetKind.Memory), 7 << 20, 8 << 20);
        Assert.NotEqual("9", await (await _server!.SendAsync("lonely.test", "/memory/9", Token)).Content.ReadAsStringAsync(Token)); // no room, by the tenant's total alone
        Assert.InRange(_tenant.Peak(BudgetKind.Memory), 7 << 20, 8 << 20);
        await EverythingIsGivenBackAsync();
    }

    [Fact]
    public async Task A_process_that_is_killed_holds_nothing()
    {
        await StartAsync("requests=2,memory=8MiB");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task lost = AskAsync("lonely.test", "/sleep/20000", end.Token);
        await UntilAsync(() => _tenant.Used(BudgetKind.Requests) == 1 && _tenant.Used(BudgetKind.Memory) > 0);
        System.Diagnostics.Process.GetProcessById(Lonely.ProcessId!.Value).Kill();
        await lost.ContinueWith(static _ => { }, TaskScheduler.Default);
        await EverythingIsGivenBackAsync();
        Assert.Equal(HttpStatusCode.OK, await AskAsync("lonely.test", "/", Token));
    }

    [Fact]
    public async Task What_its_runs_cost_is_told_to_the_server()
    {
        await StartAsync("requests=2,memory=8MiB");
        for (int i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, await AskAsync("lonely.test", "/", Token));
        await UntilAsync(() => Lonely.Meter.Snapshot() is { Runs: 3 } own && _tenant.Snapshot() is var all && (own.Runs, own.Cpu, own.BytesOut) == (all.Runs, all.Cpu, all.BytesOut)); // one after the other
        BudgetSnapshot app = Lonely.Meter.Snapshot(), tenant = _tenant.Snapshot();
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
        _tenant = new BudgetMeter("acme", Budget.ParseTenant("requests=2,memory=8MiB"));
        using var lease = new TenantLease(_tenant, (_, _) => { });
        Assert.Throws<WorkerException>(() => lease.Serve(WorkerLineKind.GiveBack, new TenantShare(0, kind, amount, 0)));
        Assert.Throws<WorkerException>(() => lease.Serve(WorkerLineKind.Ask, new TenantShare(0, kind, amount, amount + 1)));
        Assert.Equal(0, _tenant.Used(BudgetKind.Memory));
    }

    private async Task StartAsync(string totals)
    {
        _tenant = new BudgetMeter("acme", Budget.ParseTenant(totals));
        _server = await IsolatedServer.StartAsync(name => new ComponentOptions { Name = name, Tenant = _tenant, Budget = Budget.Parse("memory-per-instance=16MiB") });
    }

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
        using HttpResponseMessage answer = await _server!.SendAsync(host, path, cancellation);
        return answer.StatusCode;
    }
}
