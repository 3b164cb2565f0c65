using Windhover.Components.Binary;
using Windhover.Components.Linking;
using Windhover.Components.Tests.Suite;
using Windhover.Engine;

namespace Windhover.Components.Tests.Oracle;

/// <summary>
/// Does everything on both sides in lockstep, and notes where the outcomes differ: another value, or another class of failure. Toward the
/// runner it behaves as our side does.
/// </summary>
internal sealed class PairedWastHost(IWastHost ours, IWastHost native) : IWastHost
{
    private const string Absent = "absent";

    private int _line;

    /// <summary>What each operation came to, in order.</summary>
    public List<Comparison> Comparisons { get; } = [];

    public void Begin(WastDirective directive) => _line = directive.Line;

    public object Define(byte[] component) => Both("define", () => ours.Define(component), () => native.Define(component));

    public object Instantiate(object definition)
    {
        var (left, right) = ((object?, object?))definition;
        return Both("instantiate", () => ours.Instantiate(Required(left)), () => native.Instantiate(Required(right)));
    }

    public async ValueTask<WastValue?> InvokeAsync(object instance, string export, IReadOnlyList<WastValue> arguments, CancellationToken cancellation)
    {
        var (left, right) = ((object?, object?))instance;
        var oursOutcome = await Outcome.OfAsync(() => ours.InvokeAsync(Required(left), export, arguments, cancellation));
        var nativeOutcome = await Outcome.OfAsync(() => native.InvokeAsync(Required(right), export, arguments, cancellation));
        Comparisons.Add(new Comparison(_line, $"invoke {export}({string.Join(", ", arguments)})", oursOutcome, nativeOutcome));
        return (WastValue?)oursOutcome.ValueOrThrow();
    }

    public void Dispose()
    {
        ours.Dispose();
        native.Dispose();
    }

    private object Both(string what, Func<object> oursDo, Func<object> nativeDo)
    {
        var (left, right) = (Outcome.Of(oursDo), Outcome.Of(nativeDo));
        Comparisons.Add(new Comparison(_line, what, left with { Shown = "" }, right with { Shown = "" }));
        return (left.ValueOrThrow(), right.Value);
    }

    private static object Required(object? side) => side ?? throw new NotSupportedException("there is none on this side");

    internal sealed record Comparison(int Line, string What, Outcome Ours, Outcome Native)
    {
        public bool IsEqual => (Ours.Class, Ours.Shown) == (Native.Class, Native.Shown);

        public bool IsOfOneSide => Ours.Class != Native.Class && (Ours.Class == Absent || Native.Class == Absent);

        public override string ToString() => $"{(What.Length > 80 ? What[..80] + "…" : What)}: ours {Ours}; native {Native}";
    }

    /// <param name="Class">ok, trap (with the kind of a core trap), link error, invalid, or absent: what it needs is not there.</param>
    /// <param name="Shown">The value of a call.</param>
    /// <param name="Value">What was returned.</param>
    /// <param name="Failure">What was thrown instead.</param>
    internal sealed record Outcome(string Class, string Shown, object? Value, Exception? Failure)
    {
        public static Outcome Of(Func<object?> action)
        {
            try
            {
                return Ok(action());
            }
            catch (Exception e) when (ClassOf(e) is not null)
            {
                return new Outcome(ClassOf(e)!, "", null, e);
            }
        }

        public static async Task<Outcome> OfAsync(Func<ValueTask<WastValue?>> action)
        {
            try
            {
                return Ok(await action());
            }
            catch (Exception e) when (ClassOf(e) is not null)
            {
                return new Outcome(ClassOf(e)!, "", null, e);
            }
        }

        public object? ValueOrThrow()
        {
            if (Failure is not null)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(Failure);
            return Value;
        }

        public override string ToString() => Failure is null ? $"{Class} {Shown}".TrimEnd() : $"{Class} `{Failure.Message.ReplaceLineEndings(" / ")}`";

        private static Outcome Ok(object? value) => new("ok", value?.ToString() ?? "", value, null);

        private static string? ClassOf(Exception exception) => exception switch
        {
            TrapException { Kind: < TrapKind.Host } trap => $"trap {trap.Kind}",
            TrapException => "trap",
            LinkException => "link error",
            InvalidComponentException or InvalidModuleException => "invalid",
            NotSupportedException => Absent,
            _ => null,
        };
    }
}
