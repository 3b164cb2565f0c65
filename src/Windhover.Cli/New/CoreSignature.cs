using System.Globalization;
using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>A core number type.</summary>
internal enum CoreType
{
    I32, I64, F32, F64,
}

/// <summary>A core parameter or result.</summary>
internal readonly record struct CoreParameter(string Name, CoreType Type, bool IsAddress = false, bool IsMutable = false);

/// <summary>The core type of a WIT function (CanonicalABI.md, "Flattening"), with names.</summary>
/// <param name="Parameters">Flattened; one address where they are more than 16.</param>
/// <param name="Result">What it returns: nothing, a number, or the address of a result in memory.</param>
/// <param name="UsesMemory">Whether text, lists or a result in memory cross, which somebody has to give back.</param>
internal sealed record CoreSignature(IReadOnlyList<CoreParameter> Parameters, CoreParameter? Result, bool UsesMemory)
{
    private const int MaxParameters = 16, MaxResults = 1;

    public static CoreSignature Of(WitFunction function, bool isImport)
    {
        List<CoreParameter> parameters = [.. function.Parameters.SelectMany(p => Flatten(Names.Snake(p.Name), p.Type))];
        bool usesMemory = parameters.Any(p => p.IsAddress);
        if (parameters.Count > MaxParameters)
        {
            parameters = [new("arguments", CoreType.I32, IsAddress: true)];
            usesMemory = true;
        }

        List<CoreParameter> results = function.Result is null ? [] : [.. Flatten("result", function.Result)];
        if (results.Count <= MaxResults)
            return new(parameters, results.Count == 0 ? null : results[0], usesMemory);
        var address = new CoreParameter("result", CoreType.I32, IsAddress: true);
        return isImport ? new([.. parameters, address], null, true) : new(parameters, address, true);
    }

    // The resolver bounds the depth of a type to 200 and its size to 1,000,000.
    private static IEnumerable<CoreParameter> Flatten(string name, WitType type)
    {
        switch (TypeFacts.Resolve(type))
        {
            case WitPrimitive { Kind: WitPrimitiveKind.String } or WitListType or WitMapType:
                return [new(name, CoreType.I32, IsAddress: true), new(name.TrimEnd('_') + "_length", CoreType.I32)];
            case WitPrimitive p:
                return [new(name, p.Kind switch
                {
                    WitPrimitiveKind.U64 or WitPrimitiveKind.S64 => CoreType.I64,
                    WitPrimitiveKind.F32 => CoreType.F32,
                    WitPrimitiveKind.F64 => CoreType.F64,
                    _ => CoreType.I32,
                })];
            case WitFixedListType list:
                return Enumerable.Range(0, (int)Math.Min(list.Length, MaxParameters + 1)).SelectMany(i => Flatten(Part(name, Number(i)), list.Element));
            case WitRecord record:
                return record.Fields.SelectMany(f => Flatten(Part(name, f.Name), f.Type));
            case WitTupleType tuple:
                return tuple.Elements.SelectMany((t, i) => Flatten(Part(name, Number(i)), t));
            case WitVariant variant:
                return Join(name, "case", variant.Cases.Select(c => c.Type));
            case WitOptionType option:
                return [new(Part(name, "is_some"), CoreType.I32), .. Flatten(name, option.Element)];
            case WitResultType result:
                return Join(name, "is_error", [result.Ok, result.Error]);
            default:
                return [new(name, CoreType.I32)];
        }
    }

    private static string Part(string name, string part) => $"{name.TrimEnd('_')}_{Names.Snake(part).Trim('_')}";

    private static string Number(int i) => i.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<CoreParameter> Join(string name, string tag, IEnumerable<WitType?> cases)
    {
        var joined = new List<CoreParameter>();
        foreach (WitType? type in cases)
        {
            int i = 0;
            foreach (CoreParameter part in type is null ? [] : Flatten("", type))
            {
                if (i == joined.Count)
                    joined.Add(new(Part(name, Number(i)), part.Type, part.IsAddress));
                else
                    joined[i] = new(joined[i].Name, Join(joined[i].Type, part.Type), joined[i].IsAddress && part.IsAddress);
                i++;
            }
        }

        return [new(Part(name, tag), CoreType.I32), .. joined];
    }

    private static CoreType Join(CoreType a, CoreType b) => a == b ? a : a is CoreType.I64 or CoreType.F64 || b is CoreType.I64 or CoreType.F64 ? CoreType.I64 : CoreType.I32;
}
