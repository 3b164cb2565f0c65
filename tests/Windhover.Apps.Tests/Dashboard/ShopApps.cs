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

    /// <summary>A program that says something and then fails, in functions that have names.</summary>
    public static void WriteCheckout(this AppsFixture apps)
    {
        string manifest = apps.Write("checkout", "name = \"checkout\"\n[component.main]\nsource = \"checkout.wat\"\n[[http]]\nroute = \"/checkout/{**path}\"\n");
        File.WriteAllText(
            Path.Combine(Path.GetDirectoryName(manifest)!, "checkout.wat"),
            """
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (data (i32.const 16) "checkout: 3 items in the basket\ncheckout: total is 1 EUR, coupon NOV28\n")
              (func $apply_coupon (param i32) (if (i32.gt_u (local.get 0) (i32.const 0)) (then unreachable)))
              (func $total_of_basket
                (i32.store (i32.const 0) (i32.const 16))
                (i32.store (i32.const 4) (i32.const 71))
                (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
                (call $apply_coupon (i32.const 1)))
              (func $main (export "_start") (call $total_of_basket)))
            """);
    }

    /// <summary>An app that is not served, with the reason on the pages.</summary>
    public static void WriteBroken(this AppsFixture apps) =>
        apps.Write("billing", "name = \"billing\"\n[component.main]\nsource = \"missing.wasm\"\n[[http]]\nroute = \"/billing\"\n");
}
