namespace Windhover.Capabilities.Sqlite;

/// <summary>A value of SQLite: null, <see cref="long"/>, <see cref="double"/>, <see cref="string"/> or bytes, as all faces share it.</summary>
internal readonly record struct SqliteValue(SqliteKind Kind, long Integer = 0, double Real = 0, string? Text = null, ReadOnlyMemory<byte> Blob = default);

internal enum SqliteKind : byte
{
    Null,
    Integer,
    Real,
    Text,
    Blob,
}

/// <summary>What a statement gave.</summary>
internal sealed record SqliteRows(IReadOnlyList<string> Columns, IReadOnlyList<SqliteValue[]> Rows)
{
    public static SqliteRows Empty { get; } = new([], []);
}
