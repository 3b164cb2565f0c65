using Microsoft.Extensions.Time.Testing;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Threads;

namespace Windhover.Hosting.Tests.Threads;

public sealed class RefusalsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Neighbours _neighbours = new();
    private readonly Refusals _refusals;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public RefusalsTests() => _refusals = new Refusals(_neighbours, _time);

    [Fact]
    public async Task Beside_neighbours_sixteen_in_a_tenth_of_a_second_come_at_once_and_others_stand_in_line()
    {
        HaveNeighbours();
        for (int i = 0; i < 16; i++)
            Assert.True(_refusals.WaitAsync().IsCompleted);
        Assert.False(_refusals.AreMany);
        Task[] line = [.. Enumerable.Range(0, 17).Select(_ => _refusals.WaitAsync())];
        Assert.True(_refusals.AreMany);
        _time.Advance(TimeSpan.FromMilliseconds(24));
        Assert.DoesNotContain(line, static place => place.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await Task.WhenAll(line[..16]).WaitAsync(Token);
        Assert.False(line[16].IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(25));
        await line[16].WaitAsync(Token);
        _time.Advance(TimeSpan.FromMilliseconds(1949));
        Assert.True(_refusals.AreMany);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(_refusals.AreMany);
        Assert.True(_refusals.WaitAsync().IsCompleted);
    }

    [Fact]
    public void Who_was_flooded_a_moment_ago_refuses_nobody_at_once()
    {
        HaveNeighbours();
        for (int i = 0; i < 17; i++)
            _ = _refusals.WaitAsync();
        _time.Advance(TimeSpan.FromMilliseconds(100)); // the next tenth
        Assert.False(_refusals.WaitAsync().IsCompleted);
    }

    [Fact]
    public async Task A_long_line_is_no_slower()
    {
        HaveNeighbours();
        Task[] line = [.. Enumerable.Range(0, 30_000).Select(_ => _refusals.WaitAsync())];
        for (int i = 0; i < 150; i++)
            _time.Advance(TimeSpan.FromMilliseconds(25));
        await Task.WhenAll(line).WaitAsync(Token);
    }

    [Fact]
    public void An_app_that_is_alone_refuses_at_once()
    {
        for (int i = 0; i < 100; i++)
            Assert.True(_refusals.WaitAsync().IsCompleted);
    }

    private void HaveNeighbours()
    {
        _neighbours.Asked(this, isQuick: true);
        _neighbours.Asked(_neighbours, isQuick: true);
    }
}
