using CsCheck;

namespace Windhover.Engine.Tests.Budgets;

public sealed class BudgetTextTests
{
    [Fact]
    public void Every_kind_has_one_entry_one_name_and_a_property()
    {
        var kinds = Enum.GetValues<BudgetKind>();
        Assert.Equal(kinds, Budget.Entries.Select(e => e.Kind));
        foreach (var entry in Budget.Entries)
        {
            Assert.Equal(entry.Kind.ToString(), string.Concat(entry.Key.Split('-').Select(w => char.ToUpperInvariant(w[0]) + w[1..])));
            var property = typeof(Budget).GetProperty(entry.Kind.ToString());
            Assert.NotNull(property);
            Assert.Equal(entry.Unit == BudgetUnit.Time ? typeof(TimeSpan) : typeof(long), property.PropertyType);
            Assert.True(entry.Allows(entry.Default) && entry.Minimum <= entry.Maximum);
            var changed = Budget.Default.With(entry.Kind, entry.Minimum);
            var expected = entry.Unit == BudgetUnit.Time ? new TimeSpan(entry.Minimum) : (object)entry.Minimum;
            Assert.Equal(expected, property.GetValue(changed));
        }
    }

    [Theory]
    [InlineData("memory=64MiB,cpu=2s", 64L << 20, 2000)]
    [InlineData(" memory = 1.5GiB , cpu = 500ms ", 3L << 29, 500)]
    [InlineData("memory=65536,cpu=2", 65536, 2000)]
    [InlineData("memory=10MB,cpu=1.5m", 10_000_000, 90_000)]
    [InlineData("cpu=1h,memory=2TIB", 2L << 40, 3_600_000)]
    public void A_list_is_read(string list, long memory, int cpu)
    {
        var budget = Budget.Parse(list);
        Assert.Equal((memory, TimeSpan.FromMilliseconds(cpu)), (budget.Memory, budget.Cpu));
        Assert.Equal(Budget.Default.Wall, budget.Wall);
    }

    [Fact]
    public void Unlimited_is_a_word()
    {
        var budget = Budget.Parse("memory=unlimited,wall=Unlimited,log-lines=20/s");
        Assert.Equal((Budget.Unlimited, Timeout.InfiniteTimeSpan, 20), (budget.Memory, budget.Wall, budget.LogLines));
    }

    [Theory]
    [InlineData("memry=1MiB", "there is no budget `memry`; the nearest is `memory`")]
    [InlineData("max-memory=1MiB", "there is no budget `max-memory`; the nearest is `memory`")]
    [InlineData("Memory=1MiB", "there is no budget `Memory`; the nearest is `memory`")]
    [InlineData("xyzzy=1", "there is no budget `xyzzy`; the budgets are: memory, memory-per-instance, ")]
    [InlineData("memory", "`memory` is not name=value")]
    [InlineData("", "`` is not name=value")]
    [InlineData("cpu=2s,", "`` is not name=value")]
    [InlineData("cpu=2s,cpu=3s", "`cpu` is set twice")]
    [InlineData("memory=", "budget `memory`: `` is not a size such as `64MiB`; allowed: 64KiB to 64TiB, or unlimited")]
    [InlineData("memory=-1", "`-1` is not a size")]
    [InlineData("memory=1e9", "`1e9` is not a size")]
    [InlineData("memory=64 MiB x", "is not a size")]
    [InlineData("memory=NaN", "`NaN` is not a size")]
    [InlineData("memory=1.5", "`1.5` is not a size")]
    [InlineData("memory=2s", "`2s` is not a size")]
    [InlineData("memory=9999999TiB", "`9999999TiB` is not a size")]
    [InlineData("memory=65535", "`65535` is out of range; allowed: 64KiB to 64TiB")]
    [InlineData("memory=65TiB", "out of range")]
    [InlineData("cpu=0", "budget `cpu`: `0` is out of range; allowed: 1ms to 24h, or unlimited")]
    [InlineData("cpu=25h", "out of range")]
    [InlineData("cpu=2MiB", "`2MiB` is not a time such as `500ms`, `2s` or `5m`")]
    [InlineData("requests=0", "budget `requests`: `0` is out of range; allowed: 1 to 1000000")]
    [InlineData("requests=1.5", "`1.5` is not a whole number")]
    [InlineData("requests=10/s", "`10/s` is not a whole number")]
    [InlineData("log-lines=10/m", "`10/m` is not a rate such as `100/s`")]
    public void What_is_wrong_is_said(string list, string message)
    {
        var error = Assert.Throws<BudgetFormatException>(() => Budget.Parse(list));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_name_or_value_is_cut_in_the_message()
    {
        Assert.InRange(Assert.Throws<BudgetFormatException>(() => Budget.Parse(new string('m', 100_000) + "=1")).Message.Length, 1, 500);
        Assert.InRange(Assert.Throws<BudgetFormatException>(() => Budget.Parse("memory=" + new string('1', 100_000))).Message.Length, 1, 500);
    }

    [Fact]
    public void Properties_hold_the_range_too()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Budget.Default with { Memory = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => Budget.Default with { Wall = TimeSpan.FromSeconds(-1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => Budget.Default.With(BudgetKind.Requests, 0));
        Assert.Equal(Budget.Unlimited, (Budget.Default with { Wall = Timeout.InfiniteTimeSpan })[BudgetKind.Wall]);
        Assert.Equal(256L << 20, Budget.Default.HostMemory);
    }

    [Fact]
    public void Changing_one_leaves_the_other()
    {
        var changed = Budget.Default with { Requests = 7 };
        Assert.Equal((7, 1000), (changed.Requests, Budget.Default.Requests));
        Assert.NotEqual(Budget.Default, changed);
        Assert.Equal(Budget.Default, changed with { Requests = 1000 });
        Assert.Equal(Budget.Default.GetHashCode(), (changed with { Requests = 1000 }).GetHashCode());
        Assert.Equal("requests=7", changed.ToString());
    }

    [Fact]
    public void A_tenant_has_totals_only()
    {
        var totals = Budget.ParseTenant("memory=1GiB,requests=10");
        Assert.Equal((1L << 30, 10, Budget.Unlimited), (totals.Memory, totals.Requests, totals.Files));
        var error = Assert.Throws<BudgetFormatException>(() => Budget.ParseTenant("wall=2s"));
        Assert.Contains("`wall` is for each app, not for a tenant; totals are: memory, host-memory, ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var budgets =
            from kind in Gen.Enum<BudgetKind>()
            let entry = Budget.Entry(kind)
            from value in Gen.OneOf(Gen.Long[entry.Minimum, entry.Maximum], Gen.Const(Budget.Unlimited), Gen.Const(entry.Maximum), Gen.Const(entry.Minimum))
            select Budget.Default.With(kind, entry.Unit == BudgetUnit.Time && value != Budget.Unlimited ? value / 10 * 10 : value);
        budgets.Where(b => b != Budget.Default).Sample(b => Assert.Equal(b, Budget.Parse(b.ToString())));
    }

    [Fact]
    public void Any_text_is_read_or_refused() =>
        Gen.String.Sample(text =>
        {
            try
            {
                _ = Budget.Parse(text);
            }
            catch (BudgetFormatException)
            {
            }
        });
}
