using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Windhover.Apps.Tests.Triggers;

/// <summary>Cron on a clock that the test moves.</summary>
public sealed class CronTests
{
    [Fact]
    public async Task A_run_comes_at_its_time_in_its_zone()
    {
        // 02:30 in Berlin on 1 July is 00:30 UTC.
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
        await using AppsFixture apps = await StartAsync(clock, "schedule = \"30 2 * * *\"\ntime-zone = \"Europe/Berlin\"\nargs = [\"env\"]");
        clock.Advance(TimeSpan.FromMinutes(31));
        await apps.LineAsync(l => l.Message == "WINDHOVER_CRON_DUE=2026-07-01T00:30:00Z");
    }

    [Fact]
    public async Task What_was_missed_is_made_up_for_once_when_asked()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 7, 1, 10, 0, 0, TimeSpan.Zero));
        await using AppsFixture apps = await StartAsync(
            clock, "schedule = \"0 * * * *\"\nmissed = \"once\"\nargs = [\"env\"]",
            folder =>
            {
                Directory.CreateDirectory(Path.Combine(folder, ".windhover", "data", "tick"));
                File.WriteAllText(Path.Combine(folder, ".windhover", "data", "tick", "cron.json"), "{\"cron-1\":\"2026-07-01T06:00:00Z\"}");
            });
        await apps.LineAsync(l => l.Message == "WINDHOVER_CRON_DUE=2026-07-01T07:00:00Z");

        // One run made up for all until now: a server that starts again at this moment has nothing to make up for.
        Assert.Contains("\"cron-1\":\"2026-07-01T10:00:00", File.ReadAllText(Path.Combine(apps.Folder, ".windhover", "data", "tick", "cron.json")), StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        await apps.LineAsync(l => l.Message == "WINDHOVER_CRON_DUE=2026-07-01T11:00:00Z");
        Assert.DoesNotContain(apps.Logs.Read("tick"), l => l.Message == "WINDHOVER_CRON_DUE=2026-07-01T08:00:00Z");
    }

    private static async Task<AppsFixture> StartAsync(FakeTimeProvider clock, string cron, Action<string>? prepare = null)
    {
        var apps = new AppsFixture();
        apps.Write(
            "tick",
            $"""
            name = "tick"
            [component.cli]
            source = "c-cli.wasm"
            [[cron]]
            {cron}
            """,
            "c-cli/c-cli.wasm");
        prepare?.Invoke(apps.Folder);
        await apps.StartAsync(services: s => s.AddSingleton<TimeProvider>(clock));
        return apps;
    }
}
