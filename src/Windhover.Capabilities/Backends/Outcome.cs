namespace Windhover.Capabilities.Backends;

/// <summary>What a backend answered: a value, or why there is none. Each face of a capability puts the reason in its interface's own words.</summary>
internal readonly struct Outcome<T>(T value, BackendException? failure = null)
{
    public T Value => value;

    public BackendException? Failure => failure;
}

internal static class Outcome
{
    /// <summary>Waits for a backend as the guest.</summary>
    public static Outcome<T> Get<T>(GuestContext guest, ValueTask<T> answer)
    {
        try
        {
            return new(guest.Wait(answer));
        }
        catch (BackendException failure)
        {
            return new(default!, failure);
        }
    }

    /// <inheritdoc cref="Get{T}"/>
    public static BackendException? Get(GuestContext guest, ValueTask answer)
    {
        try
        {
            guest.Wait(answer);
            return null;
        }
        catch (BackendException failure)
        {
            return failure;
        }
    }
}
