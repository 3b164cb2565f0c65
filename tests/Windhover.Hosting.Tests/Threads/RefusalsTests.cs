using Microsoft.Extensions.Time.Testing;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Threads;

namespace Windhover.Hosting.Tests.Threads;

public sealed class RefusalsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Neighbours _neighbours = new();
    private readonly Refusals _refusals;

    public RefusalsTests() => _refusals = new Refusals(_neighbours, _time);

    [Fact]
    public async Task Beside_neighbours_sixteen_in_a_tenth_of_a_second_come_at_once_and_others_wait()
    {
        HaveNeighbours();
        for (int i = 0; i < 16; i++)
            Assert.True(_refusals.WaitAsync(CancellationToken.None).IsCompleted);
        Task waits = _refusals.WaitAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(waits.IsCompleted);
        Assert.True(_refusals.WaitAsync(CancellationToken.None).IsCompleted); // the next tenth
        _time.Advance(TimeSpan.FromMilliseconds(501));
        await waits.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void An_app_that_is_alone_refuses_at_once()
    {
        for (int i = 0; i < 100; i++)
            Assert.True(_refusals.WaitAsync(CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task Who_goes_away_is_not_kept()
    {
        HaveNeighbours();
        using var gone = new CancellationTokenSource();
        Task waits = Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _refusals.WaitAsync(gone.Token)));
        Assert.False(waits.IsCompleted);
        await gone.CancelAsync();
        await waits.WaitAsync(TestContext.Current.CancellationToken);
    }

    private void HaveNeighbours()
    {
        _neighbours.Asked(this, isQuick: true);
        _neighbours.Asked(_neighbours, isQuick: true);
    }
}
