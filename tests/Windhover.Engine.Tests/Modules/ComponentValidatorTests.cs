namespace Windhover.Engine.Tests.Modules;

public sealed class ComponentValidatorTests
{
    [Theory]
    [InlineData("(component)")]
    [InlineData("""(component (import "f" (func (param "x" string) (result (list u8)))))""")]
    [InlineData("""(component (import "f" (func async (param "s" (stream u8)) (result (future string)))))""")]
    [InlineData("""(component (import "f" (func (param "x" (map string u32)))))""")]
    [InlineData("(component (core func (canon thread.yield)))")]
    [InlineData("(component (core func (canon backpressure.inc)))")]
    [InlineData("""(component (core module $m (func (export "f"))) (core instance (instantiate $m)))""")]
    public void Valid(string text) => ComponentValidator.Validate(WatCompiler.Compile(text));

    [Theory]
    [InlineData("""(component (import "f" (func)) (import "f" (func)))""")]
    [InlineData("""(component (core module $m (import "a" "b" (func))) (core instance (instantiate $m)))""")]
    [InlineData("(component (core module (func (result i32))))")]
    [InlineData("""(component (import "A_B" (func)))""")]
    [InlineData("(module)")]
    public void Invalid(string text)
    {
        var binary = WatCompiler.Compile(text);
        Assert.NotEqual("", Assert.Throws<InvalidModuleException>(() => ComponentValidator.Validate(binary)).Message);
    }

    [Fact]
    public void Rubbish_is_refused()
    {
        Assert.Throws<InvalidModuleException>(() => ComponentValidator.Validate([]));
        Assert.Throws<InvalidModuleException>(() => ComponentValidator.Validate("(component)"u8.ToArray().AsSpan(0, 5)));
    }
}
