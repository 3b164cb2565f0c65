using Windhover.Components.Binary;
using Windhover.Engine;
using LinkException = Windhover.Components.Linking.LinkException;

namespace Windhover.Components.Tests.Suite;

/// <summary>
/// Runs the directives of one file in order. A directive fails on its own: the next ones go on with whatever instance there is, none if the
/// last component did not come up.
/// </summary>
internal sealed class WastRunner(IWastHost host)
{
    private readonly Dictionary<string, object> _definitions = [];
    private readonly Dictionary<string, object> _instances = [];
    private object? _lastDefinition;
    private object? _current;
    private string _absence = "there is no component yet";

    /// <summary>Runs a file; failures are keyed <c>directory/file.wast:line</c>.</summary>
    public static WastReport Run(WastScript script, Func<IWastHost> createHost)
    {
        using var host = createHost();
        var runner = new WastRunner(host);
        var report = new WastReport();
        var name = $"{Path.GetFileName(Path.GetDirectoryName(script.Path))}/{Path.GetFileName(script.Path)}";
        foreach (var directive in script.Directives)
        {
            var failure = runner.Try(directive);
            if (directive.IsAssertion)
                report.Assertions++;
            if (failure is null && directive.IsAssertion)
                report.Passed++;
            if (failure is not null)
                report.Failures.Add(new WastFailure($"{name}:{directive.Line}", directive.IsAssertion, failure));
        }

        return report;
    }

    /// <summary>Null when the directive does what it should.</summary>
    private string? Try(WastDirective directive)
    {
        try
        {
            return Execute(directive);
        }
        catch (Exception e) when (e is InvalidComponentException or InvalidModuleException or LinkException or TrapException or ArgumentException or NotSupportedException)
        {
            var reason = $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" / ")}";
            if (directive is WastDirective.Component)
                _absence = $"line {directive.Line} did not come up";
            return reason;
        }
    }

    private string? Execute(WastDirective directive)
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
                Invoke(invoke);
                return null;
            case WastDirective.AssertReturn assert:
                var result = Invoke(assert.Action);
                return assert.Expected is null || assert.Expected.Equals(result) ? null : $"expected {assert.Expected}, got {result}";
            case WastDirective.AssertTrap assert:
                return Trap(assert);
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

    private WastValue? Invoke(WastDirective.Invoke invoke)
    {
        var instance = invoke.InstanceId is { } id ? _instances.GetValueOrDefault(id) : _current;
        return instance is null
            ? throw new NotSupportedException(_absence)
            : host.Invoke(instance, invoke.Export, invoke.Args);
    }

    private string? Trap(WastDirective.AssertTrap assert)
    {
        var current = _current;
        try
        {
            if (Execute(assert.Action) is { } failure)
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

    public List<WastFailure> Failures { get; } = [];

    public void Add(WastReport other)
    {
        Assertions += other.Assertions;
        Passed += other.Passed;
        Failures.AddRange(other.Failures);
    }
}
