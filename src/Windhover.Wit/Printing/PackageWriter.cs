using System.Text;
using Windhover.Wit.Model;

namespace Windhover.Wit.Printing;

// Writes packages. Two orders must come out of the text again as they went in:
//   – types: each stands after those it refers to, and so it is written;
//   – functions: those of a resource are written inside it, so a freestanding function that comes before them must be written before
//     the resource.
internal sealed class PackageWriter(WitPrintOptions options)
{
    private readonly StringBuilder _text = new();
    private int _indent;
    private Member _previous;

    private enum Member
    {
        /// <summary>Nothing yet since the opening brace.</summary>
        None,
        Use,
        Line,
        Block,
    }

    public override string ToString() => _text.ToString();

    public void File(WitPackage package)
    {
        Docs(package.Docs);
        Line($"package {TypeText.PackageName(package.Name)};");
        foreach (var item in package.Interfaces)
        {
            _text.Append('\n');
            Interface(item);
        }
        foreach (var item in package.Worlds)
        {
            _text.Append('\n');
            World(item);
        }
    }

    public void Block(WitPackage package)
    {
        _text.Append('\n');
        Docs(package.Docs);
        Open($"package {TypeText.PackageName(package.Name)}");
        var first = true;
        foreach (var item in package.Interfaces.Cast<WitScope>().Concat(package.Worlds))
        {
            if (!first)
                _text.Append('\n');
            first = false;
            if (item is WitInterface i)
                Interface(i);
            else
                World((WitWorld)item);
        }
        Close();
    }

    public void Interface(WitInterface item)
    {
        Head(item.Docs, item.Stability, null);
        var name = item.Name ?? throw new ArgumentException("An inline interface is written with its world.", nameof(item));
        Open("interface " + TypeText.Name(name));
        InterfaceBody(item);
        Close();
    }

    public void World(WitWorld world)
    {
        Head(world.Docs, world.Stability, null);
        Open("world " + TypeText.Name(world.Name));
        var names = new TypeText(world);
        foreach (var item in world.Imports.OfType<WitInterfaceItem>())
            Extern("import", item, world);
        var functions = world.Imports.OfType<WitFunctionItem>().Select(f => f.Function)
            .Where(f => f.Resource is not null).ToLookup(f => f.Resource!);
        Uses(world.Types, world);
        foreach (var type in world.Types)
        {
            if (type is not WitAlias { IsUse: true })
                TypeDef(type, names, functions[type]);
        }
        foreach (var item in world.Imports)
        {
            if (item is WitFunctionItem { Function: { Resource: null } function })
                Function("import ", function, names);
        }
        foreach (var item in world.Exports)
        {
            if (item is WitFunctionItem { Function: var function })
                Function("export ", function, names);
            else
                Extern("export", (WitInterfaceItem)item, world);
        }
        Close();
    }

    private void Extern(string verb, WitInterfaceItem item, WitWorld world)
    {
        var target = item.Interface;
        Gap(target.IsInline ? Member.Block : Member.Line);
        Head(item.Docs ?? (target.IsInline ? target.Docs : null), item.Stability, item.ExternalId);
        if (target.IsInline)
        {
            Open($"{verb} {TypeText.Name(item.Label!)}: interface");
            InterfaceBody(target);
            Close();
        }
        else
        {
            var label = item.Label is null ? "" : TypeText.Name(item.Label) + ": ";
            Line($"{verb} {label}{TypeText.Path(target, world.Package)};");
        }
    }

    private void InterfaceBody(WitInterface item)
    {
        var names = new TypeText(item);
        Uses(item.Types, item);
        var next = 0;
        foreach (var type in item.Types)
        {
            if (type is WitAlias { IsUse: true })
                continue;
            if (type is WitResource { Functions: { Count: > 0 } own })
            {
                for (; next < item.Functions.Count && !ReferenceEquals(item.Functions[next], own[0]); next++)
                    Function("", item.Functions[next], names);
                next += own.Count;
                TypeDef(type, names, own);
            }
            else
                TypeDef(type, names, []);
        }
        for (; next < item.Functions.Count; next++)
            Function("", item.Functions[next], names);
    }

    // One statement for neighbours that come from the same interface under the same gate.
    private void Uses(IReadOnlyList<WitTypeDef> types, WitScope scope)
    {
        var uses = types.OfType<WitAlias>().Where(a => a.IsUse).ToList();
        for (var i = 0; i < uses.Count;)
        {
            var from = uses[i].Target is WitTypeDef { Owner: WitInterface origin } ? origin
                : throw new ArgumentException($"'{uses[i]}' does not come from an interface.", nameof(types));
            var start = i;
            while (i < uses.Count && uses[i].Target is WitTypeDef { Owner: var owner } && ReferenceEquals(owner, from)
                && uses[i].Stability.Equals(uses[start].Stability))
            {
                i++;
            }
            var names = uses.Skip(start).Take(i - start).Select(u =>
            {
                var original = ((WitTypeDef)u.Target).Name;
                return original == u.Name ? TypeText.Name(u.Name) : $"{TypeText.Name(original)} as {TypeText.Name(u.Name)}";
            });
            Gap(Member.Use);
            Head(null, uses[start].Stability, null);
            Line($"use {TypeText.Path(from, scope.Package)}.{{{string.Join(", ", names)}}};");
        }
    }

    private void TypeDef(WitTypeDef type, TypeText names, IEnumerable<WitFunction> functions)
    {
        Gap(type is WitAlias || (type is WitResource && !functions.Any()) ? Member.Line : Member.Block);
        Head(type.Docs, type.Stability, type.ExternalId);
        var name = TypeText.Name(type.Name);
        switch (type)
        {
            case WitAlias a:
                Line($"type {name} = {names.AliasTarget(a.Target)};");
                break;
            case WitRecord r:
                Open($"record {name}");
                foreach (var field in r.Fields)
                    Part(field.Docs, $"{TypeText.Name(field.Name)}: {names.Of(field.Type)}");
                Close();
                break;
            case WitVariant v:
                Open($"variant {name}");
                foreach (var item in v.Cases)
                    Part(item.Docs, item.Type is null ? TypeText.Name(item.Name) : $"{TypeText.Name(item.Name)}({names.Of(item.Type)})");
                Close();
                break;
            case WitEnum e:
                Labels($"enum {name}", e.Cases);
                break;
            case WitFlags f:
                Labels($"flags {name}", f.Labels);
                break;
            default:
                Resource($"resource {name}", functions.ToList(), names);
                break;
        }
    }

    private void Resource(string head, List<WitFunction> functions, TypeText names)
    {
        if (functions.Count == 0)
        {
            Line(head + ";");
            return;
        }
        Open(head);
        foreach (var function in functions)
            Function("", function, names);
        Close();
    }

    private void Labels(string head, IReadOnlyList<WitLabel> labels)
    {
        Open(head);
        foreach (var label in labels)
            Part(label.Docs, TypeText.Name(label.Name));
        Close();
    }

    private void Part(string? docs, string text)
    {
        Docs(docs);
        Line(text + ",");
    }

    private void Function(string verb, WitFunction function, TypeText names)
    {
        Gap(Member.Line);
        Head(function.Docs, function.Stability, function.ExternalId);
        var parameters = function.Parameters.Skip(function.Kind == WitFunctionKind.Method ? 1 : 0)
            .Select(p => $"{TypeText.Name(p.Name)}: {names.Of(p.Type)}");
        var head = function.Kind switch
        {
            WitFunctionKind.Constructor => "constructor",
            WitFunctionKind.Static => $"{TypeText.Name(function.Name)}: static {(function.IsAsync ? "async " : "")}func",
            _ => $"{verb}{TypeText.Name(function.Name)}: {(function.IsAsync ? "async " : "")}func",
        };
        // A constructor that returns the resource itself does not say so.
        var isSilent = function.Result is null || function is { Kind: WitFunctionKind.Constructor, Result: WitOwnType };
        Line($"{head}({string.Join(", ", parameters)}){(isSilent ? "" : " -> " + names.Of(function.Result!))};");
    }

    // ── lines ──

    private void Head(string? docs, WitStability stability, string? externalId)
    {
        Docs(docs);
        if (options.Gates && stability.Since is not null)
            Line($"@since(version = {stability.Since})");
        if (options.Gates && stability.Feature is not null)
            Line($"@unstable(feature = {TypeText.Name(stability.Feature)})");
        if (options.Gates && stability.Deprecated is not null)
            Line($"@deprecated(version = {stability.Deprecated})");
        if (externalId is not null)
            Line($"@external-id({TypeText.Quote(externalId)})");
    }

    private void Docs(string? docs)
    {
        if (docs is null || !options.Docs)
            return;
        foreach (var line in docs.Replace("\r", "").Split('\n'))
            Line(line.Length == 0 ? "///" : "/// " + line);
    }

    // Members with braces stand between blank lines, and so do the `use`s as a group.
    private void Gap(Member member)
    {
        if (_previous != Member.None && (member == Member.Block || member != _previous))
            _text.Append('\n');
        _previous = member;
    }

    private void Open(string head)
    {
        Line(head + " {");
        _indent++;
        _previous = Member.None;
    }

    private void Close()
    {
        _indent--;
        Line("}");
        _previous = Member.Block;
    }

    private void Line(string line) => _text.Append(' ', 2 * _indent).Append(line).Append('\n');
}
