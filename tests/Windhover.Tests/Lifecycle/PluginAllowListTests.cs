using System.Security.Cryptography;
using System.Text;
using Windhover.Plugins;

namespace Windhover.Tests.Lifecycle;

public sealed class PluginAllowListTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    [Fact]
    public async Task Only_what_is_on_the_list_loads()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, PluginAllowList.Sign([(Digest(ShopGuest.Make(1)), "first")], key), Cancel);
            PluginAllowList list = PluginAllowList.Load(path, key.ExportSubjectPublicKeyInfoPem());
            await using var host = new PluginHost(new PluginHostOptions { CacheDirectory = "", AllowList = list });
            await using PluginComponent good = await host.LoadAsync("first", ShopGuest.Make(1), Cancel);
            PluginNotAllowedException error = await Assert.ThrowsAsync<PluginNotAllowedException>(() => host.LoadAsync("second", ShopGuest.Make(2), Cancel).AsTask());
            Assert.Contains(Digest(ShopGuest.Make(2)), error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Any_changed_byte_is_noticed()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] file = PluginAllowList.Sign([(Digest([1]), "a"), (Digest([2]), "b\nsha256:x")], key);
        Assert.Equal(2, PluginAllowList.Parse(file, key).Count);
        int accepted = 0;
        for (int i = 0; i < file.Length; i++)
        {
            byte[] changed = [.. file];
            changed[i] ^= 1;
            try
            {
                PluginAllowList.Parse(changed, key);
                accepted++;
            }
            catch (PluginNotAllowedException)
            {
                // As it should be.
            }
        }

        // The last line end is not part of anything.
        Assert.InRange(accepted, 0, 1);
    }

    [Fact]
    public void Another_signer_is_refused()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256), other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] file = PluginAllowList.Sign([(Digest([1]), "a")], other);
        Assert.Contains("not signed by the given key", Assert.Throws<PluginNotAllowedException>(() => PluginAllowList.Parse(file, key)).Message, StringComparison.Ordinal);
        Assert.Contains("no signature", Assert.Throws<PluginNotAllowedException>(() => PluginAllowList.Parse(Encoding.UTF8.GetBytes("windhover-plugins 1\n"), key)).Message, StringComparison.Ordinal);
    }
}
