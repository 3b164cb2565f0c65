using System.Runtime.InteropServices;

namespace Windhover.Engine;

// Who holds how much, against a budget.
//
//        BudgetMeter "tenant acme"      memory ≤ 16 GiB   requests ≤ 4,000
//          ▲                  ▲
//   BudgetMeter "shop"   BudgetMeter "blog"      each against its own budget
//
// A charge goes from the app upwards and is taken back everywhere when one meter refuses. A meter never holds more than its limit, not even for a
// moment: that would refuse another thread's charge which has room. Each kind has 64 bytes of its own (one cache line): a charge costs 10–20 ns alone,
// and no more when other threads charge other kinds.

/// <summary>
/// Counts what an app holds against its <see cref="Budget"/>, and against its tenant's above it; keeps peaks, sums and refusals. Thread-safe, and
/// charging allocates nothing.
/// </summary>
public sealed partial class BudgetMeter
{
    private readonly Slot[] _slots = new Slot[BudgetTable.Entries.Length];

    /// <summary>A request of an app below has ended: raised on the tenant's meter for those who wait for its total.</summary>
    internal event Action? RequestEnded;

    internal void OnRequestEnded() => RequestEnded?.Invoke();

    /// <summary>Makes a meter that holds nothing.</summary>
    /// <param name="name">The app or tenant, for errors and metrics.</param>
    /// <param name="budget">Its limits.</param>
    /// <param name="parent">The tenant's meter, whose limits hold too.</param>
    public BudgetMeter(string name, Budget budget, BudgetMeter? parent = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(budget);
        Name = name;
        Budget = budget;
        Parent = parent;
    }

    /// <summary>The app or tenant.</summary>
    public string Name { get; }

    /// <summary>The limits.</summary>
    public Budget Budget { get; }

    /// <summary>The tenant's meter.</summary>
    public BudgetMeter? Parent { get; }

    /// <summary>For the tenant's meter in a process that has a share of it only: who has the rest.</summary>
    internal IBudgetLender? Lender { get; init; }

    /// <summary>Takes an amount, here and above, or nothing at all; a refusal is counted where it happened.</summary>
    /// <returns>Whether there was room.</returns>
    public bool TryCharge(BudgetKind kind, long amount) => TryCharge(kind, amount, out _);

    /// <summary>As <see cref="TryCharge(BudgetKind, long)"/>, and tells who had no room.</summary>
    public bool TryCharge(BudgetKind kind, long amount, out BudgetMeter? full)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        for (var meter = this; meter is not null; meter = meter.Parent)
        {
            if (meter.TryAdd(kind, amount))
                continue;
            Interlocked.Increment(ref meter._slots[(int)kind].Rejected);
            for (var charged = this; charged != meter; charged = charged!.Parent)
                charged!.TakeBack(kind, amount);
            full = meter;
            return false;
        }

        full = null;
        return true;
    }

    /// <summary>Takes an amount, here and above.</summary>
    /// <exception cref="BudgetExceededException">There is no room.</exception>
    public void Charge(BudgetKind kind, long amount)
    {
        if (!TryCharge(kind, amount, out var full))
            throw full!.Exceeded(kind);
    }

    /// <summary>Takes as much of an amount as there is room for, here and above.</summary>
    /// <param name="kind">Which budget.</param>
    /// <param name="wanted">The most to take.</param>
    /// <param name="least">The least that is of use; below it nothing is taken.</param>
    /// <returns>How much was taken: 0, or from <paramref name="least"/> to <paramref name="wanted"/>.</returns>
    public long ChargeUpTo(BudgetKind kind, long wanted, long least = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(least);
        ArgumentOutOfRangeException.ThrowIfLessThan(wanted, least);
        while (true)
        {
            var amount = wanted;
            BudgetMeter? full = null;
            for (var meter = this; meter is not null; meter = meter.Parent)
            {
                var room = meter.Budget[kind] - Volatile.Read(ref meter._slots[(int)kind].Used);
                if (room < amount)
                    (amount, full) = (room, meter);
            }

            if (amount < least)
            {
                Interlocked.Increment(ref full!._slots[(int)kind].Rejected);
                return 0;
            }

            // Who lends may have less than its meter here knows: what it gave is then what is asked for.
            if (FindLender(kind) is not { } lender)
            {
                if (TryTake(kind, amount))
                    return amount;
                continue;
            }

            var lent = lender.Lender!.Take(kind, amount, least);
            if (lent == 0)
            {
                Interlocked.Increment(ref lender._slots[(int)kind].Rejected);
                return 0;
            }

            if (TryTakeHere(kind, lent))
                return lent;
            lender.Lender.GiveBack(kind, lent);
        }
    }

    /// <summary>Gives an amount back, here and above.</summary>
    public void Release(BudgetKind kind, long amount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        for (var meter = this; meter is not null; meter = meter.Parent)
        {
            meter._slots[(int)kind].Remove(amount);
            if (amount > 0 && meter.Lender is { } lender && lender.Lends(kind))
                lender.GiveBack(kind, amount);
        }
    }

    /// <summary>Counts a refusal that was decided elsewhere, such as by <c>memory.grow</c> inside the engine.</summary>
    public void Reject(BudgetKind kind) => Interlocked.Increment(ref _slots[(int)kind].Rejected);

    /// <summary>How much is held now.</summary>
    public long Used(BudgetKind kind) => Volatile.Read(ref _slots[(int)kind].Used);

    /// <summary>The most that was held at a time.</summary>
    public long Peak(BudgetKind kind) => Volatile.Read(ref _slots[(int)kind].Peak);

    /// <summary>All that was ever charged and not refused.</summary>
    public long Sum(BudgetKind kind) => Volatile.Read(ref _slots[(int)kind].Sum);

    /// <summary>How often this meter, not one above, refused.</summary>
    public long Rejected(BudgetKind kind) => Volatile.Read(ref _slots[(int)kind].Rejected);

    /// <summary>The exception that says that a budget of this meter is used up.</summary>
    public BudgetExceededException Exceeded(BudgetKind kind) => new($"`{Name}`", kind, Budget[kind]);

    /// <summary>As <see cref="TryCharge(BudgetKind, long)"/>, for a caller who can wait: being refused is not counted.</summary>
    public bool TryTake(BudgetKind kind, long amount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        for (var meter = this; meter is not null; meter = meter.Parent)
        {
            if (meter.TryAdd(kind, amount))
                continue;
            for (var charged = this; charged != meter; charged = charged!.Parent)
                charged!.TakeBack(kind, amount);
            return false;
        }

        return true;
    }

    private bool TryAdd(BudgetKind kind, long amount)
    {
        ref var slot = ref _slots[(int)kind];
        if (!slot.TryAdd(amount, Budget[kind]))
            return false;
        if (Lender is not { } lender || amount == 0 || !lender.Lends(kind) || lender.Take(kind, amount, amount) != 0)
            return true;
        slot.TakeBack(amount);
        return false;
    }

    private void TakeBack(BudgetKind kind, long amount)
    {
        _slots[(int)kind].TakeBack(amount);
        if (Lender is { } lender && amount > 0 && lender.Lends(kind))
            lender.GiveBack(kind, amount);
    }

    private BudgetMeter? FindLender(BudgetKind kind)
    {
        for (var meter = this; meter is not null; meter = meter.Parent)
        {
            if (meter.Lender is { } lender && lender.Lends(kind))
                return meter;
        }

        return null;
    }

    // As TryTake, where the lender was asked already.
    private bool TryTakeHere(BudgetKind kind, long amount)
    {
        for (var meter = this; meter is not null; meter = meter.Parent)
        {
            if (meter._slots[(int)kind].TryAdd(amount, meter.Budget[kind]))
                continue;
            for (var charged = this; charged != meter; charged = charged!.Parent)
                charged!._slots[(int)kind].TakeBack(amount);
            return false;
        }

        return true;
    }

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Slot
    {
        public long Used;
        public long Peak;
        public long Sum;
        public long Rejected;

        public bool TryAdd(long amount, long limit)
        {
            var used = Volatile.Read(ref Used);
            while (true)
            {
                if (amount > limit - used)
                    return false;
                var seen = Interlocked.CompareExchange(ref Used, used + amount, used);
                if (seen == used)
                    break;
                used = seen;
            }

            Interlocked.Add(ref Sum, amount);
            for (var peak = Volatile.Read(ref Peak); peak < used + amount;)
            {
                var seen = Interlocked.CompareExchange(ref Peak, used + amount, peak);
                if (seen == peak)
                    break;
                peak = seen;
            }

            return true;
        }

        public void Remove(long amount)
        {
            if (Interlocked.Add(ref Used, -amount) < 0)
                throw new InvalidOperationException("More was given back than was charged.");
        }

        public void TakeBack(long amount)
        {
            Remove(amount);
            Interlocked.Add(ref Sum, -amount);
        }
    }
}
