using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;

/// <summary>
/// Reads a method's signature as core types: I (32 bits, pointers and references too), L (64 bits), F, D, V for no result.
/// A structure of one field passes as that field; a larger one, or one that stands in another assembly, is unknown, and its method is left out.
/// </summary>
sealed class CoreTypes : ISignatureTypeProvider<string, object?>
{
    public const string Unknown = "?";

    public static string C(char core) => core switch { 'I' => "int32_t", 'L' => "int64_t", 'F' => "float", 'D' => "double", _ => "void" };

    public string GetPrimitiveType(PrimitiveTypeCode type) => type switch
    {
        PrimitiveTypeCode.Int64 or PrimitiveTypeCode.UInt64 => "L",
        PrimitiveTypeCode.Single => "F",
        PrimitiveTypeCode.Double => "D",
        PrimitiveTypeCode.Void => "V",
        _ => "I",
    };

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawKind)
    {
        if (rawKind != (byte)SignatureTypeKind.ValueType)
            return "I";
        var fields = reader.GetTypeDefinition(handle).GetFields().Select(reader.GetFieldDefinition)
            .Where(field => (field.Attributes & FieldAttributes.Static) == 0).ToList();
        return fields.Count == 1 ? fields[0].DecodeSignature(this, null) : Unknown;
    }

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawKind) =>
        rawKind == (byte)SignatureTypeKind.ValueType ? Unknown : "I";

    public string GetArrayType(string elementType, ArrayShape shape) => "I";
    public string GetSZArrayType(string elementType) => "I";
    public string GetByReferenceType(string elementType) => "I";
    public string GetPointerType(string elementType) => "I";
    public string GetFunctionPointerType(MethodSignature<string> signature) => "I";
    public string GetPinnedType(string elementType) => elementType;
    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;
    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => Unknown;
    public string GetGenericMethodParameter(object? genericContext, int index) => Unknown;
    public string GetGenericTypeParameter(object? genericContext, int index) => Unknown;
    public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawKind) => Unknown;
}
