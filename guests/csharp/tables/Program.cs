// tables SYMBOLS SIGNATURES OUT-FOLDER ASSEMBLY…
//
// Writes the two headers that Mono's runtime.c and pinvoke.c include when the interpreter is linked into another program:
//   pinvoke-table.h       which native function stands behind a [DllImport], and how native code enters an [UnmanagedCallersOnly] method
//   wasm_m2n_invoke.g.h   one function per native signature that the interpreter may call, found by a cookie such as "VIIL"
//
// SYMBOLS lists the functions that the static libraries define, SIGNATURES the signatures that the runtime itself uses.
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text;

HashSet<string> defined = [.. File.ReadAllLines(args[0])];
SortedSet<string> signatures = new(File.ReadAllLines(args[1]).Where(s => s.Length > 0).Select(s => s.ToUpperInvariant()), StringComparer.Ordinal);
SortedDictionary<string, SortedSet<string>> libraries = new(StringComparer.Ordinal);
List<NativeEntry> entries = [];

foreach (var path in args[3..])
{
    using var file = new PEReader(File.OpenRead(path));
    var metadata = file.GetMetadataReader();
    foreach (var handle in metadata.MethodDefinitions)
        ReadMethod(metadata, handle);
}

File.WriteAllText(Path.Combine(args[2], "pinvoke-table.h"), PInvokeTable());
File.WriteAllText(Path.Combine(args[2], "wasm_m2n_invoke.g.h"), InvokeTable());

void ReadMethod(MetadataReader metadata, MethodDefinitionHandle handle)
{
    var method = metadata.GetMethodDefinition(handle);
    var imported = (method.Attributes & MethodAttributes.PinvokeImpl) != 0;
    var entered = IsEnteredFromNative(metadata, method);
    if (!imported && !entered)
        return;
    var signature = method.DecodeSignature(new CoreTypes(), null);
    var core = signature.ReturnType + string.Concat(signature.ParameterTypes);
    if (core.Contains(CoreTypes.Unknown))
        return;
    if (imported)
    {
        signatures.Add(core);
        var import = method.GetImport();
        var symbol = metadata.GetString(import.Name);
        if (!import.Module.IsNil && defined.Contains(symbol))
            Library(metadata.GetString(metadata.GetModuleReference(import.Module).Name)).Add(symbol);
    }
    if (entered)
    {
        var type = metadata.GetTypeDefinition(method.GetDeclaringType());
        entries.Add(new NativeEntry(metadata.GetString(metadata.GetAssemblyDefinition().Name), metadata.GetString(type.Namespace),
            metadata.GetString(type.Name), metadata.GetString(method.Name), MetadataTokens.GetToken(handle), core));
    }
}

SortedSet<string> Library(string name) =>
    libraries.TryGetValue(name, out var symbols) ? symbols : libraries[name] = new SortedSet<string>(StringComparer.Ordinal);

static bool IsEnteredFromNative(MetadataReader metadata, MethodDefinition method) =>
    method.GetCustomAttributes().Any(handle =>
    {
        var constructor = metadata.GetCustomAttribute(handle).Constructor;
        var name = constructor.Kind switch
        {
            HandleKind.MethodDefinition =>
                metadata.GetTypeDefinition(metadata.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType()).Name,
            _ when metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent is { Kind: HandleKind.TypeReference } parent =>
                metadata.GetTypeReference((TypeReferenceHandle)parent).Name,
            _ => default,
        };
        return !name.IsNil && metadata.GetString(name) == "UnmanagedCallersOnlyAttribute";
    });

string PInvokeTable()
{
    var text = new StringBuilder("#include <stdlib.h>\n");
    foreach (var symbol in libraries.Values.SelectMany(s => s).Distinct())
        text.Append($"extern void {symbol} (void);\n");
    var index = 0;
    foreach (var (_, symbols) in libraries)
        text.Append($"static PinvokeImport imports_{index++} [] = {{ {string.Join(", ", symbols.Select(s => $"{{ \"{s}\", (void *){s} }}"))} }};\n");
    index = 0;
    text.Append($"static PinvokeTable pinvoke_tables [] = {{ {string.Join(", ", libraries.Select(l => $"{{ \"{l.Key}\", imports_{index++}, {l.Value.Count} }}"))} }};\n");

    // pinvoke.c searches this table by key, then by token.
    var sorted = entries.OrderBy(e => e.Key, StringComparer.Ordinal).ThenBy(e => e.Token).ToList();
    text.Append($"InterpFtnDesc wasm_native_to_interp_ftndescs [{Math.Max(1, sorted.Count)}];\n");
    text.Append("extern void mono_wasm_marshal_get_managed_wrapper (const char *, const char *, const char *, const char *, uint32_t, int);\n");
    for (var i = 0; i < sorted.Count; i++)
        text.Append(sorted[i].Function(i));
    var rows = sorted.Select((e, i) => $"{{ \"{e.Key}\", {e.Token}u, (void *)entry_{i} }}").DefaultIfEmpty("{ 0, 0, 0 }");
    return text.Append($"static UnmanagedExport wasm_native_to_interp_table [] = {{ {string.Join(", ", rows)} }};\n").ToString();
}

string InvokeTable()
{
    var text = new StringBuilder();
    foreach (var signature in signatures)
    {
        // The interpreter keeps integers and pointers in one row of 32-bit cells, where a 64-bit integer takes two, and floating point in another.
        int cell = 0, real = 0;
        var arguments = signature.Skip(1).Select(core =>
        {
            var at = core is 'F' or 'D' ? real++ : cell;
            cell += core is 'I' ? 1 : core is 'L' ? 2 : 0;
            return $"mono_wasm_interp_method_args_get_{char.ToLowerInvariant(core)}arg (args, {at})";
        }).ToList();
        var type = $"{CoreTypes.C(signature[0])} (*) ({(signature.Length == 1 ? "void" : string.Join(", ", signature.Skip(1).Select(CoreTypes.C)))})";
        var call = $"(({type})function) ({string.Join(", ", arguments)})";
        if (signature[0] != 'V')
            call = $"*({CoreTypes.C(signature[0])} *)mono_wasm_interp_method_args_get_retval (args) = {call}";
        text.Append($"static void invoke_{signature} (void *function, MonoInterpMethodArguments *args) {{ {call}; }}\n");
    }
    text.Append($"static const struct {{ const char *cookie; void *function; }} invokes [] = {{ {string.Join(", ", signatures.Select(s => $"{{ \"{s}\", (void *)invoke_{s} }}"))} }};\n");
    return text.Append("""
        static void *mono_wasm_interp_to_native_callback (char *cookie)
        {
            for (unsigned i = 0; i < sizeof invokes / sizeof *invokes; i++)
                if (!strcmp (invokes [i].cookie, cookie)) return invokes [i].function;
            fprintf (stderr, "no way to call a native function of signature %s\n", cookie);
            return 0;
        }

        """).ToString();
}

/// <summary>A managed method that native code may call.</summary>
sealed record NativeEntry(string Assembly, string Namespace, string Type, string Method, int Token, string Core)
{
    public string Key => $"{Method}#{Core.Length - 1}:{Assembly}:{Namespace}:{Type}";

    /// <summary>C that enters the interpreter; on its first call it has the runtime fill in the descriptor.</summary>
    public string Function(int index)
    {
        var parameters = Core[1..].Select((core, i) => $"{CoreTypes.C(core)} a{i}").DefaultIfEmpty("void");
        var hasResult = Core[0] != 'V';
        var pointers = string.Concat(Core[1..].Select((_, i) => $"&a{i}, "));
        var shape = string.Join(", ", Enumerable.Repeat("void *", Core.Length - (hasResult ? 0 : 1) + 1));
        return $$"""
            static {{CoreTypes.C(Core[0])}} entry_{{index}} ({{string.Join(", ", parameters)}})
            {
                InterpFtnDesc *d = &wasm_native_to_interp_ftndescs [{{index}}];
                {{(hasResult ? $"{CoreTypes.C(Core[0])} result;" : "")}}
                if (!d->func) mono_wasm_marshal_get_managed_wrapper ("{{Assembly}}", "{{Namespace}}", "{{Type}}", "{{Method}}", {{Token}}u, {{Core.Length - 1}});
                ((void (*) ({{shape}}))d->func) ({{(hasResult ? "&result, " : "")}}{{pointers}}d->arg);
                {{(hasResult ? "return result;" : "")}}
            }

            """;
    }
}
