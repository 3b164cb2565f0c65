using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Windhover.Components.Binary;
using Windhover.Engine;

namespace Windhover.Components.Tests.Suite;

/// <summary>
/// A .wast file of the component model, taken apart into directives. Component text is compiled by the engine's text compiler after three
/// changes that it needs: <c>definition</c> is dropped, <c>quote</c> and <c>binary</c> are put together here, <c>component instance</c> is a
/// directive of its own.
/// </summary>
internal sealed partial record WastScript(string Path, IReadOnlyList<WastDirective> Directives)
{
    public static WastScript Read(string path)
    {
        var source = File.ReadAllText(path);
        var directives = new List<WastDirective>();
        var line = 1;
        var counted = 0;
        foreach (var form in SExpr.Parse(source))
        {
            line += source.AsSpan(counted, form.Start - counted).Count('\n');
            counted = form.Start;
            directives.Add(Directive(source, form) with { Line = line });
        }

        return new WastScript(path, directives);
    }

    private static WastDirective Directive(string source, SExpr form) => form.Head switch
    {
        "component" => Component(source, form),
        "assert_invalid" or "assert_malformed" => new WastDirective.AssertRejected(
            form.Head == "assert_malformed", (WastDirective.Component)Component(source, form.Items[1]), form.Items[2].Text),
        "assert_unlinkable" => new WastDirective.AssertUnlinkable(
            (WastDirective.Component)Component(source, form.Items[1]), form.Items[2].Text),
        "assert_return" => new WastDirective.AssertReturn(
            Invoke(form.Items[1]), form.Items.Count > 2 ? WastValue.Parse(form.Items[2]) : null),
        "assert_trap" when form.Items[1].Head == "invoke" => new WastDirective.AssertTrap(Invoke(form.Items[1]), form.Items[2].Text),
        "assert_trap" => new WastDirective.AssertTrap(Component(source, form.Items[1]), form.Items[2].Text),
        "invoke" => Invoke(form),
        var head => throw new FormatException($"unknown directive {head} at {form.Start}"),
    };

    private static WastDirective Component(string source, SExpr form)
    {
        var at = 1;
        var keyword = Atom(form, at) is "definition" or "instance" ? form.Items[at++].Atom : null;
        if (keyword == "instance")
        {
            // (component instance $instance? $definition?)
            var ids = form.Items.Skip(at).Select(i => i.Atom!).ToList();
            return new WastDirective.Instance(ids.Count == 2 ? ids[0] : null, ids.Count > 0 ? ids[^1] : null);
        }

        var id = Id(form, at);
        var encoding = Atom(form, id is null ? at : at + 1);
        var strings = form.Items.Where(i => i.Bytes is not null).Select(i => i.Bytes!);
        Func<byte[]> compile = encoding switch
        {
            "binary" => () => [.. strings.SelectMany(b => b)],
            "quote" => () => Compile($"(component {Strict(strings)})"),
            _ => () => Compile("(component " + source[form.Items[keyword is null ? 0 : 1].End..form.End]),
        };
        return new WastDirective.Component(id, keyword == "definition", compile);
    }

    /// <summary>
    /// Compiles component text. The compiler's version has no <c>cancellable</c> any more (component-model#716): the word is taken out, and the
    /// immediate set in the binary, whose canonical definitions stand in the order of the text.
    /// </summary>
    private static byte[] Compile(string text)
    {
        if (!text.Contains(" cancellable", StringComparison.Ordinal))
            return WatCompiler.Compile(text);
        var flags = Cancellable().Matches(text).Select(m => m.Groups["word"].Success).ToList();
        var bytes = WatCompiler.Compile(Cancellable().Replace(text, "canon ${name}"));
        var canons = Flagged(ComponentBinary.Decode(bytes)).ToList();
        if (canons.Count != flags.Count)
            throw new InvalidModuleException($"{flags.Count} definitions in the text may be cancellable, {canons.Count} in the binary");
        foreach (var (canon, flag) in canons.Zip(flags))
            bytes[canon.Offset + 1] = flag ? (byte)1 : (byte)0;
        return bytes;
    }

    private static IEnumerable<CanonDef> Flagged(ComponentBinary component) => component.Definitions.SelectMany(d => d switch
    {
        NestedComponentDef nested => Flagged(nested.Component),
        CanonDef
        {
            Expr: CanonExpr.ThreadYield or CanonExpr.ThreadSuspend or CanonExpr.ThreadSuspendThenResume or CanonExpr.ThreadYieldThenResume
                or CanonExpr.ThreadSuspendThenPromote or CanonExpr.ThreadYieldThenPromote or CanonExpr.WaitableSetWait or CanonExpr.WaitableSetPoll,
        } canon => [canon],
        _ => [],
    });

    [GeneratedRegex(@"canon\s+(?<name>thread\.(yield|suspend)(-then-(resume|promote))?|waitable-set\.(wait|poll))(?<word>\s+cancellable)?(?![\w-])")]
    private static partial Regex Cancellable();

    private static string Strict(IEnumerable<byte[]> parts)
    {
        var all = new ArrayBufferWriter<byte>();
        foreach (var part in parts)
        {
            all.Write(part);
            all.Write("\n"u8);
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(all.WrittenSpan);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidModuleException($"the text is not valid UTF-8: {e.Message}");
        }
    }

    private static WastDirective.Invoke Invoke(SExpr form)
    {
        var at = 1;
        var instance = Id(form, at);
        if (instance is not null)
            at++;
        return new WastDirective.Invoke(instance, form.Items[at].Text, [.. form.Items.Skip(at + 1).Select(WastValue.Parse)]);
    }

    private static string? Atom(SExpr form, int at) => at < form.Items.Count ? form.Items[at].Atom : null;

    private static string? Id(SExpr form, int at) => Atom(form, at) is { } atom && atom.StartsWith('$') ? atom : null;
}

internal abstract record WastDirective
{
    public int Line { get; init; }

    /// <summary>Whether it asserts something, so that it counts in the suite's figures.</summary>
    public bool IsAssertion => this is AssertRejected or AssertUnlinkable or AssertReturn or AssertTrap;

    /// <summary>A component; without <c>definition</c> it is also instantiated.</summary>
    internal sealed record Component(string? Id, bool IsDefinition, Func<byte[]> Compile) : WastDirective;

    internal sealed record Instance(string? Id, string? Definition) : WastDirective;

    internal sealed record Invoke(string? InstanceId, string Export, IReadOnlyList<WastValue> Args) : WastDirective;

    internal sealed record AssertRejected(bool Malformed, Component Subject, string Expected) : WastDirective;

    internal sealed record AssertUnlinkable(Component Subject, string Expected) : WastDirective;

    internal sealed record AssertReturn(Invoke Action, WastValue? Expected) : WastDirective;

    /// <summary><paramref name="Action"/> is an invocation, a component or an instantiation.</summary>
    internal sealed record AssertTrap(WastDirective Action, string Expected) : WastDirective;
}
