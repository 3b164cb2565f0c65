using Windhover.Apps.Commands;
using Windhover.Apps.Functions;
using Windhover.Apps.Manifest;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Http;

namespace Windhover.Apps.Runtime;

/// <summary>A component that is ready to run, in every way that it can.</summary>
internal sealed class LoadedComponent : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>When it exports <c>wasi:http</c>.</summary>
    public ComponentApp? Http { get; init; }

    public ComponentEndpoint? Endpoint { get; init; }

    /// <summary>When it is a command.</summary>
    public ICommand? Command { get; init; }

    /// <summary>When it exports functions of its own.</summary>
    public IFunctionSet? Functions { get; init; }

    /// <summary>When it is a component that is run by its functions: for handlers of messages.</summary>
    public GuestComponent? Guest { get; init; }

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

    public void Dispose()
    {
        Http?.Dispose();
        foreach (IDisposable owned in _owned)
            owned.Dispose();
    }
}
