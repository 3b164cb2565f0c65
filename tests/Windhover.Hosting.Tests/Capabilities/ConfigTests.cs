using Windhover.Components.Linking;
using Windhover.Components.Values.Json;
using Windhover.Engine;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Capabilities.Config;
using Windhover.Wasi;

namespace Windhover.Hosting.Tests.Capabilities;

/// <summary>Configuration reaches a guest under every name that guests import it by, and only what was granted.</summary>
public sealed class ConfigTests
{
    private const string StoreError = """(variant (case "upstream" string) (case "io" string))""";
    private const string SpinError =
        """(variant (case "invalid-name" string) (case "undefined" string) (case "provider" string) (case "other" string))""";

    [Theory]
    [InlineData("wasi:config/store@0.2.0-draft")]
    [InlineData("wasi:config/store@0.2.0-draft-2024-09-27")]
    [InlineData("wasi:config/store@0.2.0-rc.1")]
    [InlineData("wasi:config/runtime@0.2.0-draft")]
    public void Wasi_config_gives_what_was_granted(string import)
    {
        using var guest = new ConfigGuest(import, StoreError, "(option string)", "config-error", [ConfigCapability.Value("greeting", "hello")]);
        Assert.Equal("""{"ok":"hello"}""", guest.Get("greeting"));
        Assert.Equal("""{"ok":null}""", guest.Get("password"));
    }

    [Theory]
    [InlineData("fermyon:spin/variables@2.0.0")]
    [InlineData("spin:variables/variables@3.0.0")]
    [InlineData("spin:variables/variables")]
    public void Spin_variables_tell_undefined_from_malformed(string import)
    {
        using var guest = new ConfigGuest(import, SpinError, "string", "error", [ConfigCapability.Value("greeting", "hello")]);
        Assert.Equal("""{"ok":"hello"}""", guest.Get("greeting"));
        Assert.StartsWith("""{"error":{"undefined":""", guest.Get("password"), StringComparison.Ordinal);
        Assert.StartsWith("""{"error":{"invalid-name":""", guest.Get("Not A Name"), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_granted_is_nothing_there()
    {
        using var guest = new ConfigGuest("wasi:config/store@0.2.0-rc.1", StoreError, "(option string)", "error", []);
        Assert.Equal("""{"ok":null}""", guest.Get("greeting"));
    }

    /// <summary>A component that hands `get` through.</summary>
    private sealed class ConfigGuest : IDisposable
    {
        private readonly WasmEngine _engine = new(new EngineOptions { Pooling = false });
        private readonly CapabilityGrant _grant;
        private readonly Component _component;
        private readonly PreparedComponent _prepared;
        private readonly GuestContext _context;
        private readonly Store _store;
        private readonly ComponentInstance _instance;

        public ConfigGuest(string import, string error, string ok, string errorName, CapabilityResource[] resources)
        {
            var capability = new ConfigCapability();
            var linker = new ComponentLinker(_engine);
            _ = new CapabilitySet([capability], linker);
            _grant = capability.Grant(new CapabilityRequest("app", "app", "", resources));
            _component = Component.Load(_engine, WatCompiler.Compile(Text(import, error, ok, errorName)));
            _prepared = linker.Prepare(_component);
            _context = new GuestContext("app", new WasiOptions(), [_grant], null, TestContext.Current.CancellationToken);
            _store = new Store(_engine);
            _instance = _prepared.Instantiate(_store, _context);
        }

        public string Get(string key)
        {
            ExportedFunction read = _prepared.FindFunction(null, "read")!;
            return ComponentJson.ToJson(read.Type.Result!, _instance.Call(read, key));
        }

        public void Dispose()
        {
            _instance.Dispose();
            _store.Dispose();
            _context.Dispose();
            _grant.Dispose();
            _prepared.Dispose();
            _component.Dispose();
            _engine.Dispose();
        }

        private static string Text(string import, string error, string ok, string errorName) => $$"""
            (component
              (import "{{import}}" (instance $store
                (type $e {{error}})
                (export "{{errorName}}" (type $error (eq $e)))
                (export "get" (func (param "{{(import.StartsWith("wasi", StringComparison.Ordinal) ? "key" : "name")}}" string) (result (result {{ok}} (error $error)))))))
              (alias export $store "{{errorName}}" (type $error))
              (alias export $store "get" (func $get))
              (core module $libc
                (memory (export "memory") 1)
                (global $at (mut i32) (i32.const 1024))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                  global.get $at
                  (global.set $at (i32.and (i32.add (i32.add (global.get $at) (local.get 3)) (i32.const 7)) (i32.const -8)))))
              (core instance $libc (instantiate $libc))
              (core func $lowered (canon lower (func $get) (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
              (core module $main
                (import "" "get" (func $get (param i32 i32 i32)))
                (func (export "read") (param i32 i32) (result i32)
                  (call $get (local.get 0) (local.get 1) (i32.const 16))
                  i32.const 16))
              (core instance $main (instantiate $main (with "" (instance (export "get" (func $lowered))))))
              (func (export "read") (param "key" string) (result (result {{ok}} (error $error)))
                (canon lift (core func $main "read") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")))))
            """;
    }
}
