using Windhover.Capabilities.Blobs;
using Windhover.Capabilities.PostgreSql;
using Windhover.Capabilities.Redis;
using Windhover.Capabilities.S3;
using Windhover.Tests.Shared;

namespace Windhover.Capabilities.Tests;

/// <summary>The public API is what the record says. A change of it is a decision.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Capabilities_is_as_agreed() => PublicApi.Check(typeof(BlobCapability).Assembly, "tests/Windhover.Capabilities.Tests/PublicApi.txt");

    [Fact]
    public void Redis_is_as_agreed() => PublicApi.Check(typeof(RedisConnections).Assembly, "tests/Windhover.Capabilities.Tests/PublicApi.Redis.txt");

    [Fact]
    public void PostgreSql_is_as_agreed() => PublicApi.Check(typeof(PostgresCapability).Assembly, "tests/Windhover.Capabilities.Tests/PublicApi.PostgreSql.txt");

    [Fact]
    public void S3_is_as_agreed() => PublicApi.Check(typeof(S3Extensions).Assembly, "tests/Windhover.Capabilities.Tests/PublicApi.S3.txt");
}
