using System.Text;

namespace Windhover.Wit.Generator.Naming;

/// <summary>Turns WIT's kebab-case names into C# ones. docs/bindings.md, "Names", states the rules.</summary>
internal static class CSharpNames
{
    /// <summary>Members that every object has: a method of that name would hide them.</summary>
    private static readonly HashSet<string> s_objectMembers = new(StringComparer.Ordinal)
    {
        "Equals", "GetHashCode", "ToString", "GetType", "MemberwiseClone", "Finalize", "ReferenceEquals", "Dispose",
    };

    /// <summary>Members that a record has besides.</summary>
    private static readonly HashSet<string> s_recordMembers = new(StringComparer.Ordinal)
    {
        "EqualityContract", "Clone", "PrintMembers", "Deconstruct", "Discriminant",
    };

    private static readonly HashSet<string> s_keywords = new(StringComparer.Ordinal)
    {
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal", "default",
        "delegate", "do", "double", "else", "enum", "event", "explicit", "extern", "false", "finally", "fixed", "float", "for", "foreach", "goto",
        "if", "implicit", "in", "int", "interface", "internal", "is", "lock", "long", "namespace", "new", "null", "object", "operator", "out",
        "override", "params", "private", "protected", "public", "readonly", "ref", "return", "sbyte", "sealed", "short", "sizeof", "stackalloc",
        "static", "string", "struct", "switch", "this", "throw", "true", "try", "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort",
        "using", "virtual", "void", "volatile", "while",
    };

    /// <summary>
    /// <c>get-random-u64</c> → <c>GetRandomU64</c>. Only the first letter of a word changes, so acronyms stay (<c>HTTP-error</c> → <c>HTTPError</c>);
    /// a word that begins with a digit keeps its distance (<c>a-1</c> → <c>A_1</c>, not <c>a1</c>'s <c>A1</c>).
    /// </summary>
    public static string Pascal(string kebab) => Words(kebab, 0, new StringBuilder(kebab.Length));

    /// <summary><c>path-flags</c> → <c>pathFlags</c>, keywords escaped (<c>in</c> → <c>@in</c>).</summary>
    public static string Camel(string kebab)
    {
        string name = CamelUnescaped(kebab);
        return s_keywords.Contains(name) ? "@" + name : name;
    }

    /// <summary>As <see cref="Camel"/> without the escape: a part of a longer name, or what an escaped one is called in documentation.</summary>
    public static string CamelUnescaped(string kebab)
    {
        int dash = kebab.IndexOf('-');
        string first = (dash < 0 ? kebab : kebab.Substring(0, dash)).ToLowerInvariant();
        return dash < 0 ? first : Words(kebab, dash + 1, new StringBuilder(first));
    }

    /// <summary>A method's name: <see cref="Pascal"/>, with <c>Value</c> added where it would hide an object's own member.</summary>
    public static string Method(string kebab)
    {
        string name = Pascal(kebab);
        return s_objectMembers.Contains(name) ? name + "Value" : name;
    }

    /// <summary>A record's property: <see cref="Pascal"/>, with <c>Value</c> added where a record's own member or its name would clash.</summary>
    public static string Property(string kebab, string record)
    {
        string name = Pascal(kebab);
        return s_objectMembers.Contains(name) || s_recordMembers.Contains(name) || name == record ? name + "Value" : name;
    }

    /// <summary>A variant's case: a nested type, so it may not carry the variant's name, its payload property's, or an object's member's.</summary>
    public static string Case(string kebab, string variant)
    {
        string name = Pascal(kebab);
        return s_objectMembers.Contains(name) || s_recordMembers.Contains(name) || name == variant || name is "Value" or "Instance" ? name + "Case" : name;
    }

    /// <summary>A part of a namespace; one that would hide <c>System</c> and its like from the code around it gets an underscore.</summary>
    public static string NamespacePart(string kebab)
    {
        string name = Pascal(kebab);
        return name is "System" or "Microsoft" or "Windhover" ? name + "_" : name;
    }

    /// <summary><c>0.2.12</c> → <c>0_2_12</c>.</summary>
    public static string Version(string version)
    {
        var text = new StringBuilder(version);
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsLetterOrDigit(text[i]))
                text[i] = '_';
        }

        return text.ToString();
    }

    private static string Words(string kebab, int start, StringBuilder text)
    {
        bool begin = true;
        for (int i = start; i < kebab.Length; i++)
        {
            char c = kebab[i];
            if (c == '-')
            {
                begin = true;
                continue;
            }

            if (begin && char.IsDigit(c) && text.Length > 0)
                text.Append('_');
            text.Append(begin ? char.ToUpperInvariant(c) : c);
            begin = false;
        }

        return text.ToString();
    }
}
