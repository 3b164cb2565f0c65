using System.Diagnostics;
using Windhover.Components.Binary;
using Windhover.Components.Tests.Suite;

namespace Windhover.Components.Tests.Binary;

public class RealComponentTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_component_of_the_wasi_testsuite_decodes()
    {
        var folder = Suites.Require("wasi-testsuite-base/tests/rust/testsuite/wasm32-wasip3");
        var files = Directory.GetFiles(folder, "*.wasm");
        Assert.NotEmpty(files);
        var decoded = 0;
        var skeletons = TimeSpan.Zero;
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            Assert.Equal(WasmKind.Component, WasmFile.Detect(bytes));
            var component = ComponentBinary.Decode(bytes);
            Assert.Contains(component.Definitions, d => d is CoreModuleDef);
            Assert.All(component.Imports, i => Assert.NotEqual(ExternNameKind.Other, i.Name.Kind));
            decoded++;

            var clock = Stopwatch.StartNew();
            ComponentValidation.Validate(component);
            skeletons += clock.Elapsed;
        }

        output.WriteLine($"wasi-testsuite p3 components decoded: {decoded} of {files.Length}; skeleton validation {skeletons.TotalMilliseconds / files.Length:F1} ms each");
    }
}
