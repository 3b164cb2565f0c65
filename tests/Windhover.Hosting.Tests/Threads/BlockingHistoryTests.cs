using Windhover.Hosting.Threads;

namespace Windhover.Hosting.Tests.Threads;

public class BlockingHistoryTests
{
    private static readonly TimeSpan s_millisecond = TimeSpan.FromMilliseconds(1);

    private readonly BlockingHistory _history = new();

    [Fact]
    public void One_run_of_a_millisecond_is_no_reason_two_are()
    {
        _history.Used(s_millisecond);
        Assert.False(_history.Computes);
        _history.Used(s_millisecond);
        Assert.True(_history.Computes);
        Assert.False(_history.IsQuick);
        Assert.False(_history.ShouldUseBusyThread());
    }

    [Fact]
    public void Rare_ones_among_short_runs_are_none()
    {
        for (int i = 0; i < 10; i++)
        {
            _history.Used(s_millisecond);
            Assert.False(_history.Computes);
            for (int k = 0; k < 16; k++)
                _history.Used(s_millisecond - TimeSpan.FromTicks(1));
        }
    }

    [Fact]
    public void Short_runs_end_it_also_after_many()
    {
        for (int i = 0; i < 1000; i++)
            _history.Used(s_millisecond);
        int left = 0;
        for (; _history.Computes; left++)
            _history.Used(TimeSpan.Zero);
        Assert.Equal(64, left);
    }

    [Fact]
    public void A_long_run_counts_for_1024_requests()
    {
        Assert.True(_history.IsQuick);
        _history.Computed();
        Assert.False(_history.IsQuick);
        for (int i = 0; i < 1024; i++)
            Assert.True(_history.ShouldUseBusyThread());
        Assert.False(_history.ShouldUseBusyThread());
    }

    [Fact]
    public void A_wait_counts_for_64_requests_and_one_soon_after_for_1024()
    {
        _history.Waited();
        Assert.Equal(64, Count());
        _history.Waited();
        Assert.True(_history.ShouldUseGuestThread());
        _history.Waited();
        Assert.Equal(1024, Count());

        int Count()
        {
            int count = 0;
            while (_history.ShouldUseGuestThread())
                count++;
            return count;
        }
    }
}
