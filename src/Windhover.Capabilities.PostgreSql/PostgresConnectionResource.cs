using NpgsqlTypes;
using Windhover.Capabilities.Backends;
using Spin2 = Windhover.Capabilities.PostgreSql.Bindings.Fermyon.Spin.Postgres;
using Spin3 = Windhover.Capabilities.PostgreSql.Bindings.Spin.Postgres.Postgres;
using Types2 = Windhover.Capabilities.PostgreSql.Bindings.Fermyon.Spin.RdbmsTypes;

namespace Windhover.Capabilities.PostgreSql;

/// <summary>A connection as a guest holds it, under both names.</summary>
internal sealed class PostgresConnectionResource(PostgresSession session, Action closed) : Spin2.IConnection, Spin3.IConnection
{
    private bool _isClosed;

    public Result<Types2.RowSet, Types2.Error> Query(string statement, Types2.ParameterValue[] @params)
    {
        Outcome<PostgresRows> outcome = session.Query(statement, Array.ConvertAll(@params, From));
        return outcome.Failure is { } failure ? Error2(failure) : new Types2.RowSet(
            [.. outcome.Value.Columns.Select(c => new Types2.Column(c.Name, Type2(c.Type)))],
            [.. outcome.Value.Rows.Select(row => Array.ConvertAll(row, To2))]);
    }

    public Result<ulong, Types2.Error> Execute(string statement, Types2.ParameterValue[] @params)
    {
        Outcome<ulong> outcome = session.Execute(statement, Array.ConvertAll(@params, From));
        return outcome.Failure is { } failure ? Error2(failure) : outcome.Value;
    }

    public Result<Spin3.RowSet, Spin3.Error> Query(string statement, Spin3.ParameterValue[] @params)
    {
        if (Convert(@params) is not { } parameters)
            return new Spin3.Error.BadParameter("a date or time that there is not");
        Outcome<PostgresRows> outcome = session.Query(statement, parameters);
        return outcome.Failure is { } failure ? Error3(failure) : new Spin3.RowSet(
            [.. outcome.Value.Columns.Select(c => new Spin3.Column(c.Name, Type3(c.Type)))],
            [.. outcome.Value.Rows.Select(row => Array.ConvertAll(row, To3))]);
    }

    public Result<ulong, Spin3.Error> Execute(string statement, Spin3.ParameterValue[] @params)
    {
        if (Convert(@params) is not { } parameters)
            return new Spin3.Error.BadParameter("a date or time that there is not");
        Outcome<ulong> outcome = session.Execute(statement, parameters);
        return outcome.Failure is { } failure ? Error3(failure) : outcome.Value;
    }

    public void Dispose()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        session.Dispose();
        closed();
    }

    internal static Types2.Error Error2(BackendException failure) => failure.Failure switch
    {
        BackendFailure.Unavailable => new Types2.Error.ConnectionFailed(failure.Message),
        BackendFailure.Invalid => new Types2.Error.BadParameter(failure.Message),
        _ => new Types2.Error.QueryFailed(failure.Message),
    };

    internal static Spin3.Error Error3(BackendException failure) => failure.Failure switch
    {
        BackendFailure.Unavailable => new Spin3.Error.ConnectionFailed(failure.Message),
        BackendFailure.Invalid => new Spin3.Error.BadParameter(failure.Message),
        _ => new Spin3.Error.QueryFailed(failure.Message),
    };

    // PostgreSQL has no unsigned numbers: the next larger signed type holds them. Text goes without a type, so that the server reads it as what is
    // wanted there: a uuid, JSON, an address.
    private static PostgresParameter From(Types2.ParameterValue value) => value switch
    {
        Types2.ParameterValue.Boolean v => new(v.Value, NpgsqlDbType.Boolean),
        Types2.ParameterValue.Int8 v => new((short)v.Value, NpgsqlDbType.Smallint),
        Types2.ParameterValue.Int16 v => new(v.Value, NpgsqlDbType.Smallint),
        Types2.ParameterValue.Int32 v => new(v.Value, NpgsqlDbType.Integer),
        Types2.ParameterValue.Int64 v => new(v.Value, NpgsqlDbType.Bigint),
        Types2.ParameterValue.Uint8 v => new((short)v.Value, NpgsqlDbType.Smallint),
        Types2.ParameterValue.Uint16 v => new((int)v.Value, NpgsqlDbType.Integer),
        Types2.ParameterValue.Uint32 v => new((long)v.Value, NpgsqlDbType.Bigint),
        Types2.ParameterValue.Uint64 v => new((decimal)v.Value, NpgsqlDbType.Numeric),
        Types2.ParameterValue.Floating32 v => new(v.Value, NpgsqlDbType.Real),
        Types2.ParameterValue.Floating64 v => new(v.Value, NpgsqlDbType.Double),
        Types2.ParameterValue.Str v => new(v.Value, NpgsqlDbType.Unknown),
        Types2.ParameterValue.Binary v => new(v.Value.ToArray(), NpgsqlDbType.Bytea),
        _ => new(DBNull.Value, NpgsqlDbType.Unknown),
    };

    private static PostgresParameter[]? Convert(Spin3.ParameterValue[] values)
    {
        try
        {
            return Array.ConvertAll(values, From);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static PostgresParameter From(Spin3.ParameterValue value) => value switch
    {
        Spin3.ParameterValue.Boolean v => new(v.Value, NpgsqlDbType.Boolean),
        Spin3.ParameterValue.Int8 v => new((short)v.Value, NpgsqlDbType.Smallint),
        Spin3.ParameterValue.Int16 v => new(v.Value, NpgsqlDbType.Smallint),
        Spin3.ParameterValue.Int32 v => new(v.Value, NpgsqlDbType.Integer),
        Spin3.ParameterValue.Int64 v => new(v.Value, NpgsqlDbType.Bigint),
        Spin3.ParameterValue.Floating32 v => new(v.Value, NpgsqlDbType.Real),
        Spin3.ParameterValue.Floating64 v => new(v.Value, NpgsqlDbType.Double),
        Spin3.ParameterValue.Str v => new(v.Value, NpgsqlDbType.Unknown),
        Spin3.ParameterValue.Binary v => new(v.Value.ToArray(), NpgsqlDbType.Bytea),
        Spin3.ParameterValue.Date { Value: var (year, month, day) } => new(new DateOnly(year, month, day), NpgsqlDbType.Date),
        Spin3.ParameterValue.Time { Value: var (hour, minute, second, nanosecond) } => new(TimeOf(hour, minute, second, nanosecond), NpgsqlDbType.Time),
        Spin3.ParameterValue.Datetime { Value: var (year, month, day, hour, minute, second, nanosecond) } =>
            new(new DateOnly(year, month, day).ToDateTime(TimeOf(hour, minute, second, nanosecond)), NpgsqlDbType.Timestamp),
        Spin3.ParameterValue.Timestamp v => new(DateTimeOffset.FromUnixTimeSeconds(v.Value).UtcDateTime, NpgsqlDbType.TimestampTz),
        _ => new(DBNull.Value, NpgsqlDbType.Unknown),
    };

    private static TimeOnly TimeOf(byte hour, byte minute, byte second, uint nanosecond) =>
        new TimeOnly(hour, minute, second).Add(TimeSpan.FromTicks(nanosecond / 100));

    private static Types2.DbValue To2(object? value) => value switch
    {
        null => Types2.DbValue.DbNull.Instance,
        bool v => new Types2.DbValue.Boolean(v),
        sbyte v => new Types2.DbValue.Int8(v),
        short v => new Types2.DbValue.Int16(v),
        int v => new Types2.DbValue.Int32(v),
        long v => new Types2.DbValue.Int64(v),
        float v => new Types2.DbValue.Floating32(v),
        double v => new Types2.DbValue.Floating64(v),
        string v => new Types2.DbValue.Str(v),
        byte[] v => new Types2.DbValue.Binary(v),
        _ => Types2.DbValue.Unsupported.Instance,
    };

    private static Spin3.DbValue To3(object? value) => value switch
    {
        null => Spin3.DbValue.DbNull.Instance,
        bool v => new Spin3.DbValue.Boolean(v),
        sbyte v => new Spin3.DbValue.Int8(v),
        short v => new Spin3.DbValue.Int16(v),
        int v => new Spin3.DbValue.Int32(v),
        long v => new Spin3.DbValue.Int64(v),
        float v => new Spin3.DbValue.Floating32(v),
        double v => new Spin3.DbValue.Floating64(v),
        string v => new Spin3.DbValue.Str(v),
        byte[] v => new Spin3.DbValue.Binary(v),
        DateOnly v => new Spin3.DbValue.Date((v.Year, (byte)v.Month, (byte)v.Day)),
        TimeOnly v => new Spin3.DbValue.Time(((byte)v.Hour, (byte)v.Minute, (byte)v.Second, Nanoseconds(v.Ticks))),
        DateTime { Kind: DateTimeKind.Utc } v => new Spin3.DbValue.Timestamp(new DateTimeOffset(v).ToUnixTimeSeconds()),
        DateTime v => new Spin3.DbValue.Datetime(
            (v.Year, (byte)v.Month, (byte)v.Day, (byte)v.Hour, (byte)v.Minute, (byte)v.Second, Nanoseconds(v.Ticks))),
        _ => Spin3.DbValue.Unsupported.Instance,
    };

    private static uint Nanoseconds(long ticks) => (uint)(ticks % TimeSpan.TicksPerSecond * 100);

    private static Types2.DbDataType Type2(string type) => Base(type) switch
    {
        "boolean" => Types2.DbDataType.Boolean,
        "\"char\"" => Types2.DbDataType.Int8,
        "smallint" => Types2.DbDataType.Int16,
        "integer" => Types2.DbDataType.Int32,
        "bigint" => Types2.DbDataType.Int64,
        "real" => Types2.DbDataType.Floating32,
        "double precision" => Types2.DbDataType.Floating64,
        "text" or "character varying" or "character" or "bpchar" or "name" or "json" or "xml" => Types2.DbDataType.Str,
        "bytea" => Types2.DbDataType.Binary,
        _ => Types2.DbDataType.Other,
    };

    private static Spin3.DbDataType Type3(string type) => Base(type) switch
    {
        "boolean" => Spin3.DbDataType.Boolean,
        "\"char\"" => Spin3.DbDataType.Int8,
        "smallint" => Spin3.DbDataType.Int16,
        "integer" => Spin3.DbDataType.Int32,
        "bigint" => Spin3.DbDataType.Int64,
        "real" => Spin3.DbDataType.Floating32,
        "double precision" => Spin3.DbDataType.Floating64,
        "text" or "character varying" or "character" or "bpchar" or "name" or "json" or "xml" => Spin3.DbDataType.Str,
        "bytea" => Spin3.DbDataType.Binary,
        "date" => Spin3.DbDataType.Date,
        "time" or "time without time zone" => Spin3.DbDataType.Time,
        "timestamp" or "timestamp without time zone" => Spin3.DbDataType.Datetime,
        "timestamp with time zone" => Spin3.DbDataType.Timestamp,
        _ => Spin3.DbDataType.Other,
    };

    private static string Base(string type) => type.IndexOf('(', StringComparison.Ordinal) is var at and >= 0 ? type[..at] : type;
}
