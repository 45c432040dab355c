using PruneBuild.Diagnostics;

namespace PruneBuild.Diagnostics.Tests;

/// <summary>The form that MSBuild and editors parse: origin, category, code, text.</summary>
public sealed class CanonicalForm
{
    [Theory]
    [InlineData(Severity.Error, null, 0, 0, "error PB2002: Model file 'm.onnx' is empty.")]
    [InlineData(Severity.Error, "m.onnx", 0, 0, "m.onnx: error PB2002: Model file 'm.onnx' is empty.")]
    [InlineData(Severity.Error, "eval/harness.json", 41, 5, "eval/harness.json(41,5): error PB2002: Model file 'm.onnx' is empty.")]
    [InlineData(Severity.Warning, "eval/harness.json", 41, 0, "eval/harness.json(41,1): warning PB2002: Model file 'm.onnx' is empty.")]
    public void A_diagnostic_prints_in_MSBuilds_canonical_form(Severity severity, string? file, int line, int column, string expected) =>
        Assert.Equal(expected, Diagnostic.Create("PB2002", severity, "m.onnx").At(file, line, column).ToString());

    [Fact]
    public void An_exception_carries_its_diagnostic_and_moves_to_a_place_without_losing_its_cause()
    {
        var cause = new IOException("gone");
        var diagnostic = Diagnostic.Create("PB6002", Severity.Error, "a", "b");

        var exception = new PruneBuildException(diagnostic, cause).At("f", 3, 4);

        Assert.Equal("PB6002", exception.Code);
        Assert.Equal(diagnostic with { File = "f", Line = 3, Column = 4 }, exception.Diagnostic);
        Assert.Equal("'a' cannot be written: b", exception.Message);
        Assert.Same(cause, exception.InnerException);
    }
}
