using System.Net;
using System.Net.Sockets;
using System.Text;
using Windhover.Engine;

namespace Windhover.Hosting.Tests.Hostile;

/// <summary>Alone, after the others: what the process holds is compared.</summary>
[CollectionDefinition("Hostile", DisableParallelization = true)]
public sealed class HostileCollection;

/// <summary>Attacks of a guest, and of clients, on a server whose other app must not notice. docs/hostile.md lists them.</summary>
[Collection("Hostile")]
public sealed class HostileTests(Battlefield field)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. Attack.All.Select(a => a.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_guest_is_contained(string name)
    {
        Attack attack = Attack.All.Single(a => a.Name == name);
        (string[] outcomes, double p99) = await field.UnderAttackAsync(async () =>
        {
            string path = "/" + name.Replace("PORT", field.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
            return await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RunAsync(attack, path)));
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"neighbour p99 {p99:0.0} ms, calm {field.CalmP99:0.0} ms");
        Assert.All(outcomes, outcome => Assert.Equal("contained", outcome));
        await EverythingIsGivenBackAsync();
    }

    private async Task<string> RunAsync(Attack attack, string path)
    {
        HttpStatusCode? status = null;
        string body = "";
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(field.Address.ToString().TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
            using HttpResponseMessage response = await field.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
            body = await response.Content.ReadAsStringAsync(Token);
            status = response.StatusCode;
            Assert.False(response.Headers.Contains("Set-Cookie"));
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            // Broken off.
        }

        return attack.Fits(status, body) ? "contained" : $"{(status is { } code ? ((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture) : "broken off")} `{body[..Math.Min(body.Length, 40)]}`";
    }

    [Fact]
    public async Task Ten_thousand_requests_at_once_are_answered_or_sent_away()
    {
        (HttpStatusCode[] statuses, double p99) = await field.UnderAttackAsync(async () =>
        {
            using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 500 }) { BaseAddress = field.Address, Timeout = TimeSpan.FromSeconds(60) };
            return await Task.WhenAll(Enumerable.Range(0, 10_000).Select(async i =>
            {
                using HttpResponseMessage response = await client.GetAsync("/environment_probe", Token);
                return response.StatusCode;
            }));
        });
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"neighbour p99 {p99:0.0} ms, calm {field.CalmP99:0.0} ms; {string.Join(", ", statuses.CountBy(s => s).Select(s => $"{(int)s.Key}: {s.Value}"))}");
        HttpStatusCode[] allowed = [HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout];
        Assert.Empty(statuses.Except(allowed));
        Assert.Contains(HttpStatusCode.OK, statuses);
        await EverythingIsGivenBackAsync();
    }

    [Theory]
    [InlineData("GET /spin HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /sleep_forever HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /body_endless HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST /read_endless HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx")]
    [InlineData("POST /read_endless HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /spin HTTP/1.1\r\n\r\n")]
    public async Task Clients_that_leave_leave_nothing_behind(string request)
    {
        await field.UnderAttackAsync(async () =>
        {
            for (int i = 0; i < 20; i++)
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, field.Address.Port, Token);
                await socket.SendAsync(Encoding.ASCII.GetBytes(request), Token);
            }

            return true;
        });
        await EverythingIsGivenBackAsync();
    }

    // What the app holds goes back to nothing, and the process to about what it was.
    private async Task EverythingIsGivenBackAsync()
    {
        var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (Held() is { Length: > 0 } held)
        {
            Assert.False(patience.IsCancellationRequested, $"Still held: {held}");
            await Task.Delay(10, Token);
        }

        // Threads of the pool, sockets and the collector's regions go a little later than what was held.
        while (!IsCalm(Footprint.Now()) && !patience.IsCancellationRequested)
        {
            GC.Collect();
            await Task.Delay(50, Token);
        }

        Footprint now = Footprint.Now();
        Assert.True(IsCalm(now), $"The process does not come back: {now}, before {field.Calm}");
    }

    // What the pool and the threads for guests keep for the next: slots that were used for the first time have two maps each.
    private bool IsCalm(Footprint now) =>
        now.Threads <= field.Calm.Threads + 40 && now.Files <= field.Calm.Files + 100 && now.Maps <= field.Calm.Maps + 1000
        && now.ResidentBytes <= field.Calm.ResidentBytes + (200L << 20);

    private string Held() => string.Join(
        ", ", Budget.Entries.Where(e => field.Attacker.Used(e.Kind) != 0).Select(e => $"{e.Key} {e.Format(field.Attacker.Used(e.Kind))}"));

    [Fact]
    public void The_document_lists_every_attack()
    {
        DirectoryInfo folder = new(TestServer.Guest("../docs"));
        string text = File.ReadAllText(Path.Combine(folder.FullName, "hostile.md"));
        Assert.All(Attack.All, a => Assert.Contains(a.Row + "\n", text, StringComparison.Ordinal));
    }
}
