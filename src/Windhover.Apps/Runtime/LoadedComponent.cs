using Microsoft.AspNetCore.Http;
using Windhover.Apps.Commands;
using Windhover.Apps.Functions;
using Windhover.Apps.Manifest;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Isolation;

namespace Windhover.Apps.Runtime;

/// <summary>A component that is ready to run, in every way that it can.</summary>
internal sealed class LoadedComponent : IAsyncDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>When it exports <c>wasi:http</c>: answers a request, here or in a process of its own.</summary>
    public RequestDelegate? Endpoint { get; init; }

    /// <summary>When it answers in this process.</summary>
    public ComponentApp? Http { get; init; }

    /// <summary>When it runs in a process of its own.</summary>
    public IsolatedApp? Isolated { get; init; }

    /// <summary>When it is a command.</summary>
    public ICommand? Command { get; init; }

    /// <summary>When it exports functions of its own.</summary>
    public IFunctionSet? Functions { get; init; }

    /// <summary>When it is a component that is run by its functions: for handlers of messages.</summary>
    public GuestComponent? Guest { get; init; }

    /// <summary>What it was granted, where it runs in this process.</summary>
    public IReadOnlyList<CapabilityGrant> Grants => Http?.Grants ?? Guest?.Grants ?? [];

    /// <summary>Whether it can be freed and loaded again with nobody the wiser. A process of its own may hold anything, and so may instances that are kept for the next request.</summary>
    public bool CanSleep => Isolated is null && Http is not { HasInstances: true };

    public AnswerKind Resolve(AnswerKind kind) => kind switch
    {
        AnswerKind.Auto when Endpoint is not null => AnswerKind.Handler,
        AnswerKind.Auto when Command is not null => AnswerKind.Command,
        AnswerKind.Auto => AnswerKind.Functions,
        _ => kind,
    };

    public LoadedComponent Owning(params IEnumerable<IDisposable> owned)
    {
        _owned.AddRange(owned);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        if (Isolated is not null)
            await Isolated.DisposeAsync().ConfigureAwait(false);
        Http?.Dispose();
        foreach (IDisposable owned in _owned)
            owned.Dispose();
    }
}
