using System.Globalization;
using Windhover.Wit.Model;

namespace Windhover.Wit;

/// <summary>
/// A function's type as one line of text in which every name is written out, so that two interfaces that were declared in different
/// places can be compared, and the difference shown: <c>func(line: record { article: string, count: u32 }) -&gt; u64</c>. Resources keep their
/// names. The resolver bounds a type written out to 1,000,000 parts; past <see cref="MaxLength"/> characters the text is cut.
/// </summary>
public static class SignatureText
{
    /// <summary>The most characters that a signature has.</summary>
    public const int MaxLength = 20_000;

    /// <summary>The text of a function's type.</summary>
    public static string Of(WitFunction function)
    {
        if (function is null)
            throw new ArgumentNullException(nameof(function));
        var text = new System.Text.StringBuilder(function.IsAsync ? "async func(" : "func(");
        for (var i = 0; i < function.Parameters.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ").Append(function.Parameters[i].Name).Append(": ");
            Write(text, function.Parameters[i].Type);
        }

        text.Append(')');
        if (function.Result is { } result)
        {
            text.Append(" -> ");
            Write(text, result);
        }

        return text.Length <= MaxLength ? text.ToString() : text.ToString(0, MaxLength);
    }

    private static void Write(System.Text.StringBuilder text, WitType? type)
    {
        if (text.Length > MaxLength)
            return;
        switch (type)
        {
            case null:
                text.Append('_');
                break;
            case WitPrimitive p:
                text.Append(p.Name);
                break;
            case WitAlias alias:
                Write(text, alias.Target);
                break;
            case WitRecord record:
                Members(text, "record", record.Fields.Select(f => (f.Name, (WitType?)f.Type)));
                break;
            case WitVariant variant:
                Members(text, "variant", variant.Cases.Select(c => (c.Name, c.Type)));
                break;
            case WitEnum e:
                Members(text, "enum", e.Cases.Select(c => (c.Name, (WitType?)null)));
                break;
            case WitFlags flags:
                Members(text, "flags", flags.Labels.Select(l => (l.Name, (WitType?)null)));
                break;
            case WitTypeDef resource:
                text.Append(resource.Name);
                break;
            case WitOwnType own:
                text.Append("own<").Append(own.Resource.Definition.Name).Append('>');
                break;
            case WitBorrowType borrow:
                text.Append("borrow<").Append(borrow.Resource.Definition.Name).Append('>');
                break;
            case WitListType list:
                Arguments(text, "list", list.Element);
                break;
            case WitFixedListType list:
                text.Append("list<");
                Write(text, list.Element);
                text.Append(", ").Append(list.Length.ToString(CultureInfo.InvariantCulture)).Append('>');
                break;
            case WitOptionType option:
                Arguments(text, "option", option.Element);
                break;
            case WitTupleType tuple:
                Arguments(text, "tuple", [.. tuple.Elements]);
                break;
            case WitMapType map:
                Arguments(text, "map", map.Key, map.Value);
                break;
            case WitResultType result:
                Arguments(text, "result", result.Ok, result.Error);
                break;
            case WitStreamType stream:
                Arguments(text, "stream", stream.Element);
                break;
            case WitFutureType future:
                Arguments(text, "future", future.Element);
                break;
        }
    }

    private static void Arguments(System.Text.StringBuilder text, string name, params WitType?[] arguments)
    {
        text.Append(name).Append('<');
        for (var i = 0; i < arguments.Length; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            Write(text, arguments[i]);
        }

        text.Append('>');
    }

    private static void Members(System.Text.StringBuilder text, string kind, IEnumerable<(string Name, WitType? Type)> members)
    {
        text.Append(kind).Append(" { ");
        var first = true;
        foreach (var (name, type) in members)
        {
            text.Append(first ? "" : ", ").Append(name);
            first = false;
            if (type is null)
                continue;
            text.Append(kind == "record" ? ": " : "(");
            Write(text, type);
            text.Append(kind == "record" ? "" : ")");
        }

        text.Append(" }");
    }
}
