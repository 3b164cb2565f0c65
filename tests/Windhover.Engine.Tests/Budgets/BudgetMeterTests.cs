using CsCheck;

namespace Windhover.Engine.Tests.Budgets;

public sealed class BudgetMeterTests
{
    private static readonly Budget Ten = Budget.Default with { Files = 10 };

    [Fact]
    public void The_limit_is_reached_exactly_and_not_passed()
    {
        var meter = new BudgetMeter("app", Ten);
        Assert.True(meter.TryCharge(BudgetKind.Files, 10));
        Assert.False(meter.TryCharge(BudgetKind.Files, 1));
        Assert.True(meter.TryCharge(BudgetKind.Files, 0));
        Assert.Equal((10, 10, 10, 1), (meter.Used(BudgetKind.Files), meter.Peak(BudgetKind.Files), meter.Sum(BudgetKind.Files), meter.Rejected(BudgetKind.Files)));
        meter.Release(BudgetKind.Files, 10);
        Assert.True(meter.TryCharge(BudgetKind.Files, 3));
        Assert.Equal((3, 10, 13), (meter.Used(BudgetKind.Files), meter.Peak(BudgetKind.Files), meter.Sum(BudgetKind.Files)));
    }

    [Fact]
    public void A_tenant_holds_its_apps_together()
    {
        var tenant = new BudgetMeter("acme", Budget.ParseTenant("files=12"));
        var shop = new BudgetMeter("shop", Ten, tenant);
        var blog = new BudgetMeter("blog", Ten, tenant);
        shop.Charge(BudgetKind.Files, 8);
        var error = Assert.Throws<BudgetExceededException>(() => blog.Charge(BudgetKind.Files, 5));
        Assert.Equal("the budget `files` of `acme` is used up (12)", error.Message);
        Assert.Equal((BudgetKind.Files, 12), (error.Kind, error.Limit));
        Assert.Equal((8, 0, 0), (tenant.Used(BudgetKind.Files), blog.Used(BudgetKind.Files), blog.Sum(BudgetKind.Files)));
        Assert.Equal((1, 0), (tenant.Rejected(BudgetKind.Files), blog.Rejected(BudgetKind.Files)));
        Assert.Equal(4, blog.ChargeUpTo(BudgetKind.Files, 100));
        Assert.Equal(0, shop.ChargeUpTo(BudgetKind.Files, 1));
        Assert.Equal(2, tenant.Rejected(BudgetKind.Files));
        blog.Release(BudgetKind.Files, 4);
        Assert.Equal(0, shop.ChargeUpTo(BudgetKind.Files, 3, least: 3));
        Assert.Equal(2, shop.ChargeUpTo(BudgetKind.Files, 3));
    }

    [Fact]
    public void Unlimited_counts_all_the_same()
    {
        var meter = new BudgetMeter("app", Budget.None);
        meter.Charge(BudgetKind.Memory, 1L << 62);
        meter.Charge(BudgetKind.Memory, 1L << 61);
        Assert.Equal(3L << 61, meter.Peak(BudgetKind.Memory));
        Assert.False(meter.TryCharge(BudgetKind.Memory, long.MaxValue));
    }

    [Fact]
    public void Giving_back_what_was_not_taken_is_a_mistake_of_the_caller()
    {
        var meter = new BudgetMeter("app", Ten);
        Assert.Throws<InvalidOperationException>(() => meter.Release(BudgetKind.Files, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => meter.TryCharge(BudgetKind.Files, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => meter.Release(BudgetKind.Files, -1));
    }

    [Fact]
    public void Charging_allocates_nothing()
    {
        var meter = new BudgetMeter("app", Ten, new BudgetMeter("tenant", Budget.None));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            meter.TryCharge(BudgetKind.Files, 11);
            meter.Charge(BudgetKind.Files, 10);
            meter.Release(BudgetKind.Files, 10);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Threads_never_hold_more_than_the_limit_and_what_fits_is_never_refused()
    {
        var tenant = new BudgetMeter("tenant", Budget.ParseTenant("files=8"));
        var apps = new[] { new BudgetMeter("a", Ten with { Files = 6 }, tenant), new BudgetMeter("b", Ten with { Files = 6 }, tenant) };

        // Four threads take two at a time: the tenant's eight are never too few.
        var refused = 0;
        var threads = Enumerable.Range(0, 4).Select(t => new Thread(() =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                if (!apps[t % 2].TryCharge(BudgetKind.Files, 2))
                    Interlocked.Increment(ref refused);
                else
                    apps[t % 2].Release(BudgetKind.Files, 2);
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        Assert.Equal(0, refused);
        Assert.InRange(tenant.Peak(BudgetKind.Files), 2, 8);
        Assert.Equal((0, 0, 0), (tenant.Used(BudgetKind.Files), apps[0].Used(BudgetKind.Files), apps[1].Used(BudgetKind.Files)));
        Assert.Equal(800_000, tenant.Sum(BudgetKind.Files));
    }

    [Fact]
    public void Any_order_of_charges_keeps_the_books() =>
        Gen.Select(Gen.Int[0, 12], Gen.Bool).Array[1, 40].Sample(steps =>
        {
            var meter = new BudgetMeter("app", Ten);
            var held = 0L;
            foreach (var (amount, charge) in steps)
            {
                if (charge)
                {
                    Assert.Equal(held + amount <= 10, meter.TryCharge(BudgetKind.Files, amount));
                    held = held + amount <= 10 ? held + amount : held;
                }
                else if (amount <= held)
                {
                    meter.Release(BudgetKind.Files, amount);
                    held -= amount;
                }

                Assert.Equal(held, meter.Used(BudgetKind.Files));
            }
        });
}
