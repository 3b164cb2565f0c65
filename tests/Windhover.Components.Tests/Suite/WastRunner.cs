using Windhover.Components.Binary;
using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Components.Tests.Suite;

/// <summary>
/// Runs the directives of one file in order. A directive fails on its own: the next ones go on with whatever instance there is, none if the
/// last component did not come up.
/// </summary>
internal sealed class WastRunner(IWastHost host)
{
    /// <summary>A directive takes milliseconds; one that waits for what never comes is ended here.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, object> _definitions = [];
    private readonly Dictionary<string, object> _instances = [];
    private object? _lastDefinition;
    private object? _current;
    private string _absence = "there is no component yet";

    /// <summary>Runs a file; failures are keyed <c>directory/file.wast:line</c>.</summary>
    public static async Task<WastReport> RunAsync(WastScript script, Func<IWastHost> createHost, CancellationToken cancellation)
    {
        using var host = createHost();
        var runner = new WastRunner(host);
        var report = new WastReport();
        var name = $"{Path.GetFileName(Path.GetDirectoryName(script.Path))}/{Path.GetFileName(script.Path)}";
        foreach (var directive in script.Directives)
        {
            var failure = await runner.TryAsync(directive, cancellation);
            if (directive.IsAssertion)
                report.Assertions++;
            if (failure is null && directive.IsAssertion)
                report.Passed++;
            if (directive is WastDirective.AssertRejected)
            {
                report.Rejections++;
                report.Rejected += failure is null ? 1 : 0;
            }

            if (failure is not null)
                report.Failures.Add(new WastFailure($"{name}:{directive.Line}", directive.IsAssertion, failure));
        }

        return report;
    }

    /// <summary>Null when the directive does what it should.</summary>
    private async Task<string?> TryAsync(WastDirective directive, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeLimit);
        host.Begin(directive);
        try
        {
            return await ExecuteAsync(directive, limit.Token).AsTask().WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"did not finish within {TimeLimit.TotalSeconds} s";
        }
        catch (Exception e) when (e is InvalidComponentException or InvalidModuleException or LinkException or TrapException or ArgumentException or NotSupportedException)
        {
            var reason = $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" / ")}";
            if (directive is WastDirective.Component)
                _absence = $"line {directive.Line} did not come up";
            return reason;
        }
    }

    private async ValueTask<string?> ExecuteAsync(WastDirective directive, CancellationToken cancellation)
    {
        switch (directive)
        {
            case WastDirective.Component component:
                _current = null;
                _lastDefinition = null;
                _lastDefinition = host.Define(component.Compile());
                if (component.Id is not null)
                    _definitions[component.Id] = _lastDefinition;
                if (!component.IsDefinition)
                    Instantiate(component.Id, _lastDefinition);
                return null;
            case WastDirective.Instance instance:
                _current = null;
                var definition = instance.Definition is { } id ? _definitions.GetValueOrDefault(id) : _lastDefinition;
                if (definition is null)
                    return _absence;
                Instantiate(instance.Id, definition);
                return null;
            case WastDirective.Invoke invoke:
                await InvokeAsync(invoke, cancellation);
                return null;
            case WastDirective.AssertReturn assert:
                var result = await InvokeAsync(assert.Action, cancellation);
                return assert.Expected is null || assert.Expected.Equals(result) ? null : $"expected {assert.Expected}, got {result}";
            case WastDirective.AssertTrap assert:
                return await TrapAsync(assert, cancellation);
            case WastDirective.AssertRejected assert:
                return Rejected(assert);
            case WastDirective.AssertUnlinkable assert:
                return Unlinkable(assert);
            default:
                throw new InvalidOperationException($"unknown directive {directive}");
        }
    }

    private void Instantiate(string? id, object definition)
    {
        _current = host.Instantiate(definition);
        if (id is not null)
            _instances[id] = _current;
    }

    private ValueTask<WastValue?> InvokeAsync(WastDirective.Invoke invoke, CancellationToken cancellation)
    {
        var instance = invoke.InstanceId is { } id ? _instances.GetValueOrDefault(id) : _current;
        return instance is null
            ? throw new NotSupportedException(_absence)
            : host.InvokeAsync(instance, invoke.Export, invoke.Args, cancellation);
    }

    private async Task<string?> TrapAsync(WastDirective.AssertTrap assert, CancellationToken cancellation)
    {
        var current = _current;
        try
        {
            if (await ExecuteAsync(assert.Action, cancellation) is { } failure)
                return failure;
        }
        catch (TrapException)
        {
            return null;
        }
        finally
        {
            // A component that traps while it starts leaves the instance before it in place.
            if (assert.Action is not WastDirective.Invoke)
                _current = current;
        }

        return $"did not trap with `{assert.Expected}`";
    }

    private string? Rejected(WastDirective.AssertRejected assert)
    {
        try
        {
            host.Define(assert.Subject.Compile());
        }
        catch (Exception e) when (e is InvalidComponentException or InvalidModuleException)
        {
            return null;
        }

        return $"was accepted; expected `{assert.Expected}`";
    }

    private string? Unlinkable(WastDirective.AssertUnlinkable assert)
    {
        var definition = host.Define(assert.Subject.Compile());
        try
        {
            host.Instantiate(definition);
        }
        catch (LinkException)
        {
            return null;
        }

        return $"was linked; expected `{assert.Expected}`";
    }
}

internal sealed record WastFailure(string Place, bool IsAssertion, string Reason);

internal sealed class WastReport
{
    public int Assertions { get; set; }

    public int Passed { get; set; }

    /// <summary>How many of the assertions ask for a component to be refused, and how many of those were.</summary>
    public int Rejections { get; set; }

    public int Rejected { get; set; }

    public List<WastFailure> Failures { get; } = [];

    public void Add(WastReport other)
    {
        Assertions += other.Assertions;
        Passed += other.Passed;
        Rejections += other.Rejections;
        Rejected += other.Rejected;
        Failures.AddRange(other.Failures);
    }
}
