namespace Windhover.Wasi.Tests.Random;

public sealed class RandomTests
{
    [Fact]
    public void Secure_numbers_differ_each_time_and_have_the_length_asked_for()
    {
        using var context = Guest.Context();
        foreach (var length in new[] { 0, 1, 256, 257, 100_000 })
            Assert.Equal(length, context.Random.SecureBytes((ulong)length).Length);
        Assert.NotEqual(context.Random.SecureBytes(32).ToArray(), context.Random.SecureBytes(32).ToArray());
        Assert.NotEqual(context.Random.SecureUInt64(), context.Random.SecureUInt64());
    }

    [Fact]
    public void Two_guests_have_other_insecure_numbers_unless_seeded()
    {
        using var one = Guest.Context();
        using var two = Guest.Context();
        Assert.NotEqual(one.Random.InsecureSeed(), two.Random.InsecureSeed());
        var options = new WasiOptions { InsecureRandomSeed = 7, SecureRandom = bytes => bytes.Fill(3) };
        using var three = Guest.Context(options);
        using var four = Guest.Context(options);
        Assert.Equal(three.Random.InsecureSeed(), four.Random.InsecureSeed());
        Assert.Equal(three.Random.InsecureBytes(77).ToArray(), four.Random.InsecureBytes(77).ToArray());
        Assert.Equal([3, 3, 3], three.Random.SecureBytes(3).ToArray());
    }

    [Fact]
    public void The_insecure_generator_is_the_published_one()
    {
        // SplitMix64 from seed 0, as published with the algorithm.
        using var context = Guest.Context(new WasiOptions { InsecureRandomSeed = 0 });
        Assert.Equal(0xE220A8397B1DCDAF, context.Random.InsecureUInt64());
        Assert.Equal(0x6E789E6AA1B965F4UL, context.Random.InsecureUInt64());
    }

    [Fact]
    public void An_absurd_length_is_a_trap_not_an_allocation()
    {
        using var context = Guest.Context();
        Assert.Throws<GuestMisuseException>(() => context.Random.SecureBytes(ulong.MaxValue));
        Assert.Throws<GuestMisuseException>(() => context.Random.InsecureBytes(65 << 20));
    }
}
