using System.Buffers;

namespace Windhover.Components.Binary;

/// <summary>
/// Puts something of the same shape in place of what the native validator keeps behind gates that its C API cannot open (Wasmtime 50), so that
/// everything around it is validated all the same. What the stand-in cannot check is checked here.
/// <code>
///   thread.index, thread.suspend              ()         -> i32   waitable-set.new
///   thread.resume-later                       (i32)      -> ()    subtask.drop
///   thread.suspend-then-resume and its kin    (i32)      -> i32   subtask.cancel
///   thread.new-indirect                       (i32, i32) -> i32   waitable-set.poll, when the component has a memory
///   cancellable (gone in component-model#716) any                 the immediate is cleared
///     (or gets one: the first alias of a memory moves before the section, which no index notices)
///   list&lt;T, N&gt;, N ≤ 1024                      N × T              a tuple of min(N, 17) × T: beyond 16 core values all is alike
/// </code>
/// A patch is a range of the component's bytes and what replaces it; the number of definitions never changes, and so no index does.
/// </summary>
internal sealed class SkeletonPatches
{
    private const uint MaxListLength = 1024;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int _base;
    private readonly List<(int Start, int End, byte[] Replacement)> _patches = [];
    private readonly List<CoreTypeExpr?> _coreTypes = [];
    private int _tables;
    private int _memories;
    private (int Before, int Start, byte[] Section)? _moved;

    /// <summary>Finds the patches of one component; nested ones are written, and patched, on their own.</summary>
    public SkeletonPatches(ComponentBinary component)
    {
        _bytes = component.Bytes;
        _base = component.Offset;
        foreach (var definition in component.Definitions)
        {
            if (_memories == 0 && _moved is null && definition is CanonDef { Expr: CanonExpr.ThreadNewIndirect })
                MoveMemory(component, definition.Offset);
            Visit(definition);
        }
    }

    /// <summary>Definitions that have moved to the front of a section: a section of aliases, with one.</summary>
    public byte[]? MovedBefore(int offset, int length) =>
        _moved is { } moved && moved.Before >= offset && moved.Before < offset + length ? moved.Section : null;

    private void MoveMemory(ComponentBinary component, int before)
    {
        if (component.Definitions.FirstOrDefault(d => d is AliasDef { Sort: Sort.CoreMemory }) is not { } alias)
            return;
        var cursor = At(alias);
        InstanceDecoder.Alias(ref cursor);
        var end = cursor.Position + _base;
        _moved = (before, alias.Offset, [1, .. _bytes.Span[(alias.Offset - _base)..cursor.Position]]);
        _patches.Add((alias.Offset, end, []));
        _memories++; // it stands before everything that follows
    }

    /// <summary>A section with its patches applied.</summary>
    /// <param name="contents">The section's bytes, a slice of the component.</param>
    /// <param name="offset">Where they start in the outermost binary.</param>
    public ReadOnlySpan<byte> Apply(ReadOnlySpan<byte> contents, int offset)
    {
        var end = offset + contents.Length;
        ArrayBufferWriter<byte>? output = null;
        var done = 0;
        if (_moved is { } moved && moved.Start >= offset && moved.Start < end)
        {
            var count = At(offset);
            output = new ArrayBufferWriter<byte>(contents.Length);
            output.WriteU32(count.U32("the number of aliases") - 1);
            done = count.Position + _base - offset;
        }

        foreach (var patch in _patches.OrderBy(p => p.Start))
        {
            if (patch.Start < offset || patch.End > end)
                continue;
            output ??= new ArrayBufferWriter<byte>(contents.Length + 64);
            output.Write(contents[done..(patch.Start - offset)]);
            output.Write(patch.Replacement);
            done = patch.End - offset;
        }

        if (output is null)
            return contents;
        output.Write(contents[done..]);
        return output.WrittenSpan;
    }

    private void Visit(Definition definition)
    {
        switch (definition)
        {
            case CoreTypeDef { Type: CoreTypeExpr.Rec rec }:
                _coreTypes.AddRange(rec.Types);
                break;
            case CoreTypeDef core:
                _coreTypes.Add(core.Type);
                break;
            case AliasDef { Sort: Sort.CoreType }:
                _coreTypes.Add(null);
                break;
            case AliasDef { Sort: Sort.CoreTable }:
                _tables++;
                break;
            case AliasDef { Sort: Sort.CoreMemory } when definition.Offset != _moved?.Start:
                _memories++;
                break;
            case TypeDef type:
                Type(type);
                break;
            case CanonDef canon:
                Canon(canon);
                break;
        }
    }

    private void Type(TypeDef type)
    {
        switch (type.Type)
        {
            case TypeExpr.List { Length: > 0 and <= MaxListLength and var length }:
                var cursor = At(type);
                cursor.U8("a type");
                var start = cursor.Position;
                TypeDecoder.ValType(ref cursor);
                var element = _bytes[start..cursor.Position];
                cursor.U32("a length");
                var count = (byte)Math.Min(length, 17);
                byte[] tuple = [0x6f, count, .. Enumerable.Repeat(element.ToArray(), count).SelectMany(e => e)];
                _patches.Add((type.Offset, cursor.Position + _base, tuple));
                break;
            case TypeExpr.Component { Decls: var decls }:
                Declarators(decls);
                break;
            case TypeExpr.Instance { Decls: var decls }:
                Declarators(decls);
                break;
        }
    }

    private void Declarators(IReadOnlyList<Definition> decls)
    {
        foreach (var type in decls.OfType<TypeDef>())
            Type(type);
    }

    private void Canon(CanonDef canon)
    {
        switch (canon.Expr)
        {
            case CanonExpr.ThreadIndex:
                Replace(canon, 1, 0x1f);
                break;
            case CanonExpr.ThreadSuspend:
                Replace(canon, 2, 0x1f);
                break;
            case CanonExpr.ThreadResumeLater:
                Replace(canon, 1, 0x0d);
                break;
            case CanonExpr.ThreadSuspendThenResume or CanonExpr.ThreadYieldThenResume
                or CanonExpr.ThreadSuspendThenPromote or CanonExpr.ThreadYieldThenPromote:
                Replace(canon, 2, 0x06, 0x00);
                break;
            case CanonExpr.ThreadNewIndirect indirect when _memories > 0:
                CheckStart(canon, indirect);
                var cursor = At(canon);
                cursor.U8("a canonical definition");
                cursor.U32("a core type index");
                cursor.U32("a core table index");
                Replace(canon, cursor.Position + _base - canon.Offset, 0x21, 0x00, 0x00);
                break;
            case CanonExpr.ThreadYield { Cancellable: true }:
                Replace(canon, 2, 0x0c, 0x00);
                break;
            case CanonExpr.WaitableSetWait { Cancellable: true }:
                Replace(canon, 2, 0x20, 0x00);
                break;
            case CanonExpr.WaitableSetPoll { Cancellable: true }:
                Replace(canon, 2, 0x21, 0x00);
                break;
        }
    }

    /// <summary>
    /// CanonicalABI.md, <c>canon thread.new-indirect</c>: the start type is <c>(func (param i32))</c>, the table exists. (A core type that is
    /// aliased from outside is taken on trust here; a call through the table checks the type again.)
    /// </summary>
    private void CheckStart(CanonDef canon, CanonExpr.ThreadNewIndirect expr)
    {
        if (expr.CoreType >= _coreTypes.Count)
            throw new InvalidComponentException($"core type {expr.CoreType} of thread.new-indirect is not defined", canon.Offset, "canon section");
        if (expr.Table >= _tables)
            throw new InvalidComponentException($"core table {expr.Table} of thread.new-indirect is not defined", canon.Offset, "canon section");
        var type = _coreTypes[expr.CoreType] is CoreTypeExpr.Sub sub ? sub.Type : _coreTypes[expr.CoreType];
        if (type is not (null or CoreTypeExpr.Func { Parameters: [{ Code: 0x7f }], Results: [] }))
            throw new InvalidComponentException("the start function of thread.new-indirect must have the type (func (param i32))", canon.Offset, "canon section");
    }

    private void Replace(CanonDef canon, int length, params ReadOnlySpan<byte> replacement) =>
        _patches.Add((canon.Offset, canon.Offset + length, replacement.ToArray()));

    /// <summary>Reads the definition again; its form was checked when it was decoded.</summary>
    private BinaryCursor At(Definition definition) => At(definition.Offset);

    private BinaryCursor At(int offset) => new(_bytes, offset - _base, _bytes.Length, "section");
}
