using Windhover.Components.Binary;
using Windhover.Components.Types;

namespace Windhover.Components.Linking;

internal sealed partial class PlanBuilder
{
    private Entity Evaluate(Frame frame, TypeExpr expr)
    {
        switch (expr)
        {
            case TypeExpr.Func func:
                return new Entity.Function(new FuncType(
                    [.. func.Parameters.Select(p => new Field(p.Name, ValueAt(frame, p.Type)))],
                    func.Returns is { } result ? ValueAt(frame, result) : null,
                    func.IsAsync));
            case TypeExpr.Resource resource:
                int destructor = resource.Destructor is { } dtor ? _plan.FunctionSlot(frame.CoreFuncs[dtor]) : -1;
                return new Entity.Resource(new ResourceType($"resource{frame.Types.Count}", new GuestResourceInfo(frame.InstanceIndex, destructor)));
            case TypeExpr.Component or TypeExpr.Instance:
                return new Entity.Scoped(expr, frame);
            default:
                return new Entity.Value(DefinedValue(frame, expr));
        }
    }

    private static ValType DefinedValue(Frame frame, TypeExpr expr) => expr switch
    {
        TypeExpr.Primitive p => PrimitiveType.Of(p.Kind),
        TypeExpr.Record r => new RecordType([.. r.Fields.Select(f => new Field(f.Name, ValueAt(frame, f.Type)))]),
        TypeExpr.Variant v => new VariantType([.. v.Cases.Select(c => new Case(c.Name, Optional(frame, c.Type)))]),
        TypeExpr.List l => l.Length is { } length ? new ListType(ValueAt(frame, l.Element), length) : new ListType(ValueAt(frame, l.Element)),
        TypeExpr.Tuple t => new TupleType([.. t.Types.Select(e => ValueAt(frame, e))]),
        TypeExpr.Flags f => new FlagsType(f.Labels),
        TypeExpr.Enum e => new EnumType(e.Labels),
        TypeExpr.Option o => new OptionType(ValueAt(frame, o.Type)),
        TypeExpr.Result r => new ResultType(Optional(frame, r.Ok), Optional(frame, r.Error)),
        TypeExpr.Own o => new OwnType(ResourceAt(frame, o.Type)),
        TypeExpr.Borrow b => new BorrowType(ResourceAt(frame, b.Type)),
        TypeExpr.Stream s => new StreamType(Optional(frame, s.Element)),
        TypeExpr.Future f => new FutureType(Optional(frame, f.Element)),
        TypeExpr.Map m => new MapType(ValueAt(frame, m.Key), ValueAt(frame, m.Value)),
        _ => throw new LinkException($"Unknown type {expr.GetType().Name}."),
    };

    private static ValType ValueAt(Frame frame, ValTypeRef reference) => reference.Primitive is { } primitive
        ? PrimitiveType.Of(primitive)
        : frame.Types[reference.Index] is Entity.Value value
            ? value.Type
            : throw new LinkException($"Type {reference.Index} is not a value type.");

    private static ValType? Optional(Frame frame, ValTypeRef? reference) => reference is { } r ? ValueAt(frame, r) : null;

    private static ResourceType ResourceAt(Frame frame, int index) => frame.Types[index] is Entity.Resource found
        ? found.Type
        : throw new LinkException($"Type {index} is not a resource type.");
}
