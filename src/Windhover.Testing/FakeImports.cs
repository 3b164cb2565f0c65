using Windhover.Components.Types;
using Windhover.Plugins;
using Windhover.Wit.Model;

namespace Windhover.Testing;

/// <summary>A call that a component made to its host.</summary>
/// <param name="Interface">Without version: <c>acme:shop/rates</c>; empty for a function that the world imports itself.</param>
/// <param name="Function">Such as <c>rate</c>.</param>
/// <param name="Arguments">As dynamic values.</param>
public sealed record RecordedCall(string Interface, string Function, IReadOnlyList<object?> Arguments)
{
    /// <inheritdoc/>
    public override string ToString() => $"{(Interface.Length == 0 ? "" : Interface + "#")}{Function}({string.Join(", ", Arguments.Select(Text))})";

    private static string Text(object? value) => value switch
    {
        null => "none",
        string s => $"\"{s}\"",
        Array a => $"[{string.Join(", ", a.Cast<object?>().Select(Text))}]",
        IFormattable f => f.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

/// <summary>
/// Answers for what a component imports, and the calls that it made. Interfaces are named without version: whatever version the component imports is
/// answered. A function that is imported and not faked answers when it is called: with a failure that says how to fake it. Not thread-safe, as a
/// component is not.
/// </summary>
public sealed class FakeImports
{
    private readonly Dictionary<(string Interface, string Function), Func<object?[], object?>> _fakes = [];
    private readonly List<RecordedCall> _calls = [];

    /// <summary>The calls so far, in order.</summary>
    public IReadOnlyList<RecordedCall> Calls => _calls;

    /// <summary>Answers a function by a delegate on dynamic values.</summary>
    public FakeImports Add(string @interface, string function, Func<object?[], object?> answer)
    {
        _fakes[(Unversioned(@interface), function)] = answer;
        return this;
    }

    /// <summary>Answers every call of a function with one value.</summary>
    public FakeImports Returns(string @interface, string function, object? value) => Add(@interface, function, _ => value);

    /// <summary>Accepts every call of a function that answers nothing.</summary>
    public FakeImports Ignores(string @interface, string function) => Add(@interface, function, _ => null);

    /// <summary>Answers the calls of a function with recorded values in turn; one call more fails.</summary>
    public FakeImports ReturnsInTurn(string @interface, string function, params object?[] values)
    {
        int next = 0;
        return Add(@interface, function, _ => next < values.Length
            ? values[next++]
            : throw new InvalidOperationException($"`{@interface}#{function}` was called {next + 1} times, {values.Length} answers were recorded."));
    }

    /// <summary>Fails unless a function was called that often.</summary>
    /// <exception cref="FakeAssertionException">It was called more or less often; the message lists all calls.</exception>
    public void AssertCalled(string @interface, string function, int times)
    {
        int seen = CallsOf(@interface, function).Count;
        if (seen != times)
            throw new FakeAssertionException($"`{@interface}#{function}` was called {seen} times, not {times}. All calls:\n{All()}");
    }

    /// <summary>Fails unless a function was called with these arguments.</summary>
    /// <exception cref="FakeAssertionException">It was not; the message lists all calls.</exception>
    public void AssertCalledWith(string @interface, string function, params object?[] arguments)
    {
        string wanted = new RecordedCall(Unversioned(@interface), function, arguments).ToString();
        if (!CallsOf(@interface, function).Any(c => c.ToString() == wanted))
            throw new FakeAssertionException($"There was no call {wanted}. All calls:\n{All()}");
    }

    /// <summary>The calls of one function.</summary>
    public IReadOnlyList<RecordedCall> CallsOf(string @interface, string function) =>
        [.. _calls.Where(c => c.Interface == Unversioned(@interface) && c.Function == function)];

    internal DynamicImports ToImports(PluginComponent component)
    {
        var imports = new DynamicImports();
        foreach (WitWorldItem item in component.Wit.World.Imports)
        {
            if (item is WitFunctionItem function)
                Fake(imports, "", function.Function.CanonicalName);
            else if (item is WitInterfaceItem i && !(i.Name.StartsWith("wasi:", StringComparison.Ordinal) && !_fakes.Keys.Any(k => k.Interface == Unversioned(i.Name))))
                i.Interface.Functions.ToList().ForEach(f => Fake(imports, i.Name, f.CanonicalName));
        }

        return imports;
    }

    private void Fake(DynamicImports imports, string @interface, string function)
    {
        string plain = Unversioned(@interface);
        imports.Add(@interface, function, arguments =>
        {
            _calls.Add(new RecordedCall(plain, function, [.. arguments]));
            return _fakes.TryGetValue((plain, function), out Func<object?[], object?>? fake)
                ? fake(arguments)
                : throw new InvalidOperationException($"`{plain}#{function}` is not faked: imports.Add(\"{plain}\", \"{function}\", arguments => …).");
        });
    }

    private string All() => _calls.Count == 0 ? "(none)" : string.Join('\n', _calls);

    private static string Unversioned(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return InterfaceName.TryParse(name, out InterfaceName? parsed) ? parsed.Unversioned : name;
    }
}

/// <summary>A component called its host otherwise than a test expects.</summary>
public sealed class FakeAssertionException(string message) : Exception(message);
