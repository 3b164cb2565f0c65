using System.Buffers.Binary;
using System.Security.Cryptography;
using Windhover.Wasi.Filesystem.Unix;

namespace Windhover.Wasi.Filesystem;

/// <summary>
/// <c>metadata-hash</c>: a keyed hash over device, inode and birth time. It stays the same while a file is written to, because WASI 0.1 programs
/// get it as their inode number; a file that takes another's place has another birth time. The key, new with each process, keeps the
/// host's device and inode numbers from the guest.
/// </summary>
internal static class MetadataHasher
{
    private static readonly byte[] s_key = RandomNumberGenerator.GetBytes(32);

    public static MetadataHash Hash(in Statx stat)
    {
        Span<byte> identity = stackalloc byte[32];
        BinaryPrimitives.WriteUInt32LittleEndian(identity, stat.DeviceMajor);
        BinaryPrimitives.WriteUInt32LittleEndian(identity[4..], stat.DeviceMinor);
        BinaryPrimitives.WriteUInt64LittleEndian(identity[8..], stat.Inode);
        BinaryPrimitives.WriteInt64LittleEndian(identity[16..], stat.BirthTime.Seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(identity[24..], stat.BirthTime.Nanoseconds);
        identity[28..].Clear();

        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(s_key, identity, hash);
        return new MetadataHash(BinaryPrimitives.ReadUInt64LittleEndian(hash), BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]));
    }

    public static bool IsSameObject(in Statx left, in Statx right) =>
        left.Inode == right.Inode && left.DeviceMajor == right.DeviceMajor && left.DeviceMinor == right.DeviceMinor;
}
