using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Tests.Tasks;

namespace PruneBuild.Evaluation.Tests.Gating;

/// <summary>Dimensions that decide nothing somewhere.</summary>
public sealed class UngatedDimensionTests
{
    [Theory]
    [InlineData("*", "")]
    [InlineData("common", "edge")]
    [InlineData("edge", "common")]
    public void A_dimension_without_a_floor_on_a_slice_is_a_warning_where_it_is_named(string slice, string open)
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = GenerationFiles.Create(
            folder, $$"""{ "dimension": "format", "slice": "{{slice}}", "min": 0, "mode": "point" }""", """ "dimensions": [ { "name": "format" } ], """,
            GenerationFiles.Line(1, "common", Check), GenerationFiles.Line(2, "edge", Check));
        var found = UngatedDimensions.Of(harness, cases).ToList();
        if (open.Length == 0)
        {
            Assert.Empty(found);
            return;
        }
        var warning = Assert.Single(found);
        Assert.Equal(("PB1201", Severity.Warning, harness.File), (warning.Code, warning.Severity, warning.File));
        Assert.Equal($"The dimension 'format' has no floor on {open}: it is measured there and decides nothing.", warning.Message);
        Assert.True(warning.Line > 1 && warning.Column > 1);
    }

    private const string Check = """ "expect": [ { "type": "json", "dim": "format" } ] """;
}
