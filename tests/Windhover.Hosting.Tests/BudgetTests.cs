using System.Net;
using Windhover.Engine;

namespace Windhover.Hosting.Tests;

/// <summary>Budgets where a server enforces them: reached exactly, and passed by one.</summary>
public sealed class BudgetTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("response-body=13", HttpStatusCode.OK)]
    [InlineData("response-body=12", HttpStatusCode.InternalServerError)]
    [InlineData("memory-per-instance=65KiB", HttpStatusCode.OK)] // at its start the guest has a page of 64 KiB, and a table
    [InlineData("memory=65KiB", HttpStatusCode.OK)]
    [InlineData("memory=64KiB", HttpStatusCode.ServiceUnavailable)]
    [InlineData("handles=16", HttpStatusCode.OK)]
    [InlineData("instances=1,requests=1", HttpStatusCode.OK)]
    public async Task An_answer_of_13_bytes(string budget, HttpStatusCode expected)
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.Budget = Budget.Parse(budget));
        using HttpResponseMessage response = await server.Client.GetAsync("/", Token);
        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.ServiceUnavailable)
            Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
    }

    [Theory]
    [InlineData(1000, HttpStatusCode.OK)]
    [InlineData(1001, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_request_body(int length, HttpStatusCode expected)
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.Budget = Budget.Parse("request-body=1000"));
        using HttpResponseMessage response = await server.Client.PostAsync("/echo", new ByteArrayContent(new byte[length]), Token);
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task A_component_that_is_too_large_or_needs_too_much_is_refused_at_load()
    {
        long size = new FileInfo(TestServer.Guest("c-http/c-http.wasm")).Length;
        await using (await TestServer.StartAsync(configure: o => o.Budget = Budget.Default with { ComponentSize = size }))
        {
        }

        var large = await Assert.ThrowsAsync<Windhover.Hosting.Apps.ComponentLoadException>(
            () => TestServer.StartAsync(configure: o => o.Budget = Budget.Default with { ComponentSize = size - 1 }));
        Assert.Contains("`component-size`", large.Message, StringComparison.Ordinal);
        var needy = await Assert.ThrowsAsync<Windhover.Hosting.Apps.ComponentLoadException>(
            () => TestServer.StartAsync(configure: o => o.Budget = Budget.Parse("memory-per-instance=64KiB")));
        Assert.Contains("`memory-per-instance`", needy.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_wait_in_the_queue_and_are_answered_in_turn()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.Budget = Budget.Parse("requests=1,queued-requests=2"));
        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.Client.GetAsync("/sleep/500", Token)));
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], responses.Select(r => r.StatusCode).Order());
        Assert.Equal("1", responses.Single(r => !r.IsSuccessStatusCode).Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public async Task Waiting_counts_as_wall_time()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.Budget = Budget.Parse("requests=1,wall=600ms"));
        HttpResponseMessage[] responses = await Task.WhenAll(server.Client.GetAsync("/spin", Token), server.Client.GetAsync("/sleep/60000", Token));
        Assert.All(responses, r => Assert.Equal(HttpStatusCode.GatewayTimeout, r.StatusCode));
    }

    [Fact]
    public async Task Processor_time_is_not_wall_time()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.Budget = Budget.Parse("cpu=200ms,wall=30s"));
        using HttpResponseMessage sleeping = await server.Client.GetAsync("/sleep/600", Token);
        Assert.Equal(HttpStatusCode.OK, sleeping.StatusCode);
        using HttpResponseMessage spinning = await server.Client.GetAsync("/spin", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, spinning.StatusCode);
        Assert.Contains("the budget `cpu` of `c-http` is used up (200ms)", Assert.Single(server.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guests_that_wait_leave_their_room_for_growth_to_others()
    {
        // One full share of 8 MiB fits beside what nine waiting guests hold; nine full shares would be 72 MiB.
        await using TestServer server = await TestServer.StartAsync(configure: o => o.Budget = Budget.Parse("memory-per-instance=8MiB,memory=16MiB"));
        Task<HttpResponseMessage>[] waiting = [.. Enumerable.Range(0, 9).Select(_ => server.Client.GetAsync("/sleep/2000", Token))];
        while (server.LiveInstances < 9)
            await Task.Yield();
        using HttpResponseMessage growing = await server.Client.GetAsync("/memory/7", Token);
        Assert.Equal(HttpStatusCode.OK, growing.StatusCode);
        foreach (HttpResponseMessage response in await Task.WhenAll(waiting))
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_tenant_holds_its_apps_together()
    {
        var tenant = new BudgetMeter("acme", Budget.ParseTenant("requests=1"));
        await using TestServer shop = await TestServer.StartAsync(configure: o => (o.Tenant, o.Budget) = (tenant, Budget.Parse("queued-requests=0")));
        await using TestServer blog = await TestServer.StartAsync(configure: o => (o.Tenant, o.Budget) = (tenant, Budget.Parse("queued-requests=1")));
        Task<HttpResponseMessage> first = shop.Client.GetAsync("/sleep/1000", Token);
        while (tenant.Used(BudgetKind.Requests) == 0)
            await Task.Yield();
        Task<HttpResponseMessage> waits = blog.Client.GetAsync("/", Token);
        while (blog.LiveInstances == 0 && tenant.Used(BudgetKind.QueuedRequests) == 0)
            await Task.Yield();
        using HttpResponseMessage refused = await shop.Client.GetAsync("/", Token);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await waits).StatusCode); // let in when the other app's request left
        Assert.Equal((0, 2), (tenant.Used(BudgetKind.Requests), tenant.Snapshot().Runs));
    }
}
