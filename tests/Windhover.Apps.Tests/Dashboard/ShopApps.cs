namespace Windhover.Apps.Tests.Dashboard;

/// <summary>Some apps that do this and that, for what people look at.</summary>
internal static class ShopApps
{
    /// <summary>A front that calls a service, a program with a log, and something that fails.</summary>
    public static void WriteShop(this AppsFixture apps)
    {
        apps.Write(
            "front",
            """
            name = "front"
            description = "What customers see; asks the stock"
            [component.proxy]
            source = "rust-proxy.wasm"
            allow-hosts = ["http://stock.internal"]
            budget = { memory = "64MiB", wall = "5s" }
            [[http]]
            route = "/stock.internal/{**path}"
            """,
            "rust-proxy/rust-proxy.wasm");
        apps.Write(
            "stock",
            """
            name = "stock"
            description = "How much there is of what"
            budget = { memory = "256MiB" }
            [component.api]
            source = "c-http.wasm"
            env = { CURRENCY = "EUR", REGION = "eu" }
            [[http]]
            route = "/{**path}"
            private = true
            [[http]]
            route = "/api/{**path}"
            """,
            "c-http/c-http.wasm");
        apps.Write(
            "tools",
            """
            name = "tools"
            description = "An unchanged C program as a service"
            [component.cli]
            source = "c-cli.wasm"
            [[http]]
            route = "/say"
            args = ["err", "{text}"]
            [[http]]
            route = "/trap/{what}"
            args = ["trap"]
            [[http]]
            route = "/upper"
            args = ["upper"]
            [[cron]]
            name = "nightly"
            schedule = "30 2 * * *"
            time-zone = "Europe/Berlin"
            args = ["args", "nightly"]
            [[queue]]
            topic = "orders"
            args = ["upper"]
            """,
            "c-cli/c-cli.wasm");
    }

    /// <summary>An app that is not served, with the reason on the pages.</summary>
    public static void WriteBroken(this AppsFixture apps) =>
        apps.Write("billing", "name = \"billing\"\n[component.main]\nsource = \"missing.wasm\"\n[[http]]\nroute = \"/billing\"\n");
}
