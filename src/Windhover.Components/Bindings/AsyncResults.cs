namespace Windhover.Components.Bindings;

/// <summary>What generated code does with asynchronous calls under <see cref="ResultStyle.Exceptions"/>.</summary>
public static class AsyncResults
{
    /// <summary>A host's method that throws its error, as one that returns it.</summary>
    public static async ValueTask<Result<T, TError>> CatchAsync<T, TError>(ValueTask<T> call)
    {
        try
        {
            return Result<T, TError>.Ok(await call.ConfigureAwait(false));
        }
        catch (WitException<TError> e)
        {
            return Result<T, TError>.Err(e.Error);
        }
    }

    /// <summary>The same for one without a value.</summary>
    public static async ValueTask<Result<Unit, TError>> CatchAsync<TError>(ValueTask call)
    {
        try
        {
            await call.ConfigureAwait(false);
            return Result<Unit, TError>.Ok(default);
        }
        catch (WitException<TError> e)
        {
            return Result<Unit, TError>.Err(e.Error);
        }
    }

    /// <summary>A guest's answer, its error thrown.</summary>
    public static async ValueTask<T> UnwrapAsync<T, TError>(ValueTask<Result<T, TError>> call) => (await call.ConfigureAwait(false)).Value;

    /// <summary>The same where there is no value.</summary>
    public static async ValueTask CheckAsync<TError>(ValueTask<Result<Unit, TError>> call) => _ = (await call.ConfigureAwait(false)).Value;
}
