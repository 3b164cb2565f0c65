using System.Net;
using System.Net.Sockets;
using System.Text;
using Windhover.Engine;

namespace Windhover.Hosting.Tests;

/// <summary>Services of WASI 0.3 on a real Kestrel: instances that are shared.</summary>
public sealed class ServiceTests
{
    private const string Service = "c-http-p3/c-http-p3.wasm";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Service)]
    [InlineData("js-p3/js-p3.wasm")]
    public async Task Requests_share_an_instance(string guest)
    {
        await using TestServer server = await TestServer.StartAsync(guest);
        await server.Client.GetStringAsync("/", Token);
        int modules = server.LiveInstances; // a component may be several; requests one after the other need one
        for (int i = 0; i < 20; i++)
        {
            using HttpResponseMessage response = await server.Client.GetAsync("/", Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.NotEmpty(await response.Content.ReadAsByteArrayAsync(Token));
        }

        Assert.Equal(modules, server.LiveInstances);
    }

    [Fact]
    public async Task Many_requests_wait_in_few_instances()
    {
        await using TestServer server = await TestServer.StartAsync(Service, o => o.MaxConcurrentRequestsPerInstance = 20);
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => server.Client.GetStringAsync("/sleep/300", Token)));
        Assert.InRange(server.LiveInstances, 1, 5);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_instance_that_ends_while_nobody_uses_it_is_given_back()
    {
        await using TestServer server = await TestServer.StartAsync(Service);
        Reuse.ServicePool pool = server.App.Services!;
        for (int i = 0; i < 120; i++) // the engine has 100
        {
            Assert.Equal("Hello", (await server.Client.GetStringAsync("/", Token))[..5]);
            Reuse.ServiceInstance instance = pool.Enter();
            pool.Leave(instance, failed: false);
            instance.Instance.Dispose(); // as when a task of the guest's traps after the last answer
            Assert.True(instance.Instance.HasEnded);
        }

        Assert.Equal("Hello", (await server.Client.GetStringAsync("/", Token))[..5]);
        Assert.Equal((1, 1), (pool.Count, server.LiveInstances));
    }

    [Fact(Timeout = 60_000)]
    public async Task Many_that_come_at_once_share_the_few_instances_that_there_may_be()
    {
        // There is memory for one. All that come before it is made want to make one.
        for (int i = 0; i < 20; i++)
        {
            await using TestServer server = await TestServer.StartAsync(Service, o => o.Budget = o.Budget with { Memory = 3 << 20, MemoryPerInstance = 3 << 20 });
            HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => server.Client.GetAsync("/", Token)));
            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task What_a_shared_instance_uses_is_charged()
    {
        var tenant = new BudgetMeter("acme", Budget.ParseTenant("requests=100"));
        await using TestServer server = await TestServer.StartAsync(Service, o => o.Tenant = tenant);
        for (int i = 0; i < 5; i++)
            await server.Client.GetStringAsync("/", Token);
        await server.Client.PostAsync("/echo", new ByteArrayContent(new byte[100_000]), Token);
        while (tenant.Used(BudgetKind.Requests) > 0)
            await Task.Yield(); // the answer is there a little before the request is over
        BudgetSnapshot used = tenant.Snapshot();
        Assert.Equal((6, (5 * 13) + 100_000), (used.Runs, used.BytesOut));
        Assert.True(used.Cpu > TimeSpan.Zero);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_instance_ends_after_its_requests()
    {
        await using TestServer server = await TestServer.StartAsync(Service, o => o.MaxRequestsPerInstance = 1);
        for (int i = 0; i < 5; i++)
            await server.Client.GetStringAsync("/", Token);
        while (server.LiveInstances > 0)
            await Task.Yield(); // the answer is there a little before the request is over
    }

    [Fact]
    public async Task Thousands_of_requests_and_instances_that_come_and_go()
    {
        await using TestServer server = await TestServer.StartAsync(Service, o => o.MaxRequestsPerInstance = 7);
        await Parallel.ForAsync(0, 3000, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Token }, async (i, token) =>
        {
            using HttpResponseMessage response = await server.Client.GetAsync(i % 10 == 0 ? "/sleep/1" : "/", token);
            Assert.True(response.IsSuccessStatusCode, $"{i}: {response.StatusCode} {string.Join('\n', server.Log.Lines)}");
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(5_000_000)]
    public async Task A_body_comes_back(int length)
    {
        await using TestServer server = await TestServer.StartAsync(Service);
        var body = new byte[length];
        new Random(1).NextBytes(body);
        using HttpResponseMessage response = await server.Client.PostAsync("/echo", new ByteArrayContent(body), Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task A_trap_poisons_the_instance_and_no_other()
    {
        await using TestServer server = await TestServer.StartAsync(Service);
        using var ended = new CancellationTokenSource();
        int many = 2 * Environment.ProcessorCount; // so many instances are made before requests share one
        Task<HttpResponseMessage>[] waiting = [.. Enumerable.Range(0, many).Select(_ => server.Client.GetAsync("/sleep/60000", ended.Token))];
        while (server.LiveInstances < many)
            await Task.Yield();
        using HttpResponseMessage trapped = await server.Client.GetAsync("/trap", Token);
        Assert.Equal(HttpStatusCode.InternalServerError, trapped.StatusCode);
        using HttpResponseMessage other = await await Task.WhenAny(waiting);
        Assert.Equal(HttpStatusCode.InternalServerError, other.StatusCode);
        await ended.CancelAsync();
        foreach (Task<HttpResponseMessage> given in waiting)
            await given.ContinueWith(static _ => { }, TaskScheduler.Default);
        using HttpResponseMessage next = await server.Client.GetAsync("/", Token);
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task A_guest_that_sleeps_too_long_is_given_up_with_504()
    {
        await using TestServer server = await TestServer.StartAsync(Service, o => o.Timeout = TimeSpan.FromMilliseconds(300));
        using HttpResponseMessage response = await server.Client.GetAsync("/sleep/60000", Token);
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
    }

    [Fact]
    public async Task A_client_that_leaves_frees_the_instance()
    {
        await using TestServer server = await TestServer.StartAsync(Service, o => o.MaxRequestsPerInstance = 1);
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            await socket.ConnectAsync(server.Http.Host, server.Http.Port, Token);
            await socket.SendAsync(Encoding.ASCII.GetBytes("GET /sleep/60000 HTTP/1.1\r\nHost: x\r\n\r\n"), Token);
            while (server.LiveInstances == 0)
                await Task.Yield();
        }

        while (server.LiveInstances > 0)
            await Task.Yield();
        Assert.Empty(server.Log.Lines);
    }

    [Fact]
    public async Task Middleware_stands_in_front()
    {
        await using TestServer server = await TestServer.StartAsync(Service, o => o.Middleware.Add(TestServer.Guest("c-gate-p3/c-gate-p3.wasm")));
        using HttpResponseMessage refused = await server.Client.GetAsync("/", Token);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        var body = new byte[300_000];
        new Random(1).NextBytes(body);
        for (int i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/echo") { Content = new ByteArrayContent(body) };
            request.Headers.Add("x-token", "1");
            using HttpResponseMessage echoed = await server.Client.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.OK, echoed.StatusCode);
            Assert.Equal(body, await echoed.Content.ReadAsByteArrayAsync(Token));
        }
    }
}
