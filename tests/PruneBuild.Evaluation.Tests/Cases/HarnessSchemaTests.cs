using NJsonSchema;
using PruneBuild.Tests;

namespace PruneBuild.Evaluation.Tests.Cases;

/// <summary>The schema that editors use says what the reader says.</summary>
public class HarnessSchemaTests
{
    private const string Cases = """{ "slice": "common", "tensors": "common.u8", "labels": "common.labels.u8" }, { "jsonl": "cases.jsonl" }""";

    private static readonly string Folder = Path.Combine(OnnxRuntimeNative.RepositoryRoot, "docs", "schemas");

    [Fact]
    public async Task The_harness_of_the_sample_is_valid()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(OnnxRuntimeNative.RepositoryRoot, "samples", "MeterReader", "eval", "harness.json"));
        Assert.Empty((await Schema()).Validate(text));
    }

    [Theory]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "min": 0.9, "maxDrop": 0.02, "retention": 0.99, "chance": 0.1, "confidence": 0.9, "mode": "point" }""")]
    [InlineData("""{ "dimension": "macro-f1", "slice": "*", "sliceGap": 0.05, "minCases": 200 }""")]
    [InlineData("""{ "dimension": "mcc", "slice": "edge", "min": -0.5, "minImprovement": 0.01 }""")]
    [InlineData("""{ "dimension": "flips", "slice": "common", "max": 0.05 }, { "dimension": "accuracy", "slice": "common", "retention": 0.5, "chance": "majority" }""")]
    [InlineData("""{ "critical": ["a"] }, { "critical": true }""")]
    public async Task What_the_reader_accepts_is_valid(string floors)
    {
        using var folder = new TemporaryFolder();
        var text = Json(folder, floors);
        Assert.NotNull(Harness.Load(folder["harness.json"]));
        Assert.Empty((await Schema()).Validate(text));
    }

    [Theory]
    [InlineData("""{ "dimension": "accuracy", "slice": "common" }""")]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "minimum": 0.9 }""")]
    [InlineData("""{ "dimension": "latency", "slice": "common", "min": 0.9 }""")]
    [InlineData("""{ "dimension": "accuracy", "slice": "two words", "min": 0.9 }""")]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "min": "0.9" }""")]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "retention": 1.5 }""")]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "min": 0.9, "confidence": 0.4 }""")]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "min": 0.9, "mode": "guess" }""")]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "retention": 0.9, "chance": "coin" }""")]
    [InlineData("""{ "critical": [] }""")]
    [InlineData("""{ "critical": ["a"], "slice": "common" }""")]
    public async Task What_the_reader_refuses_is_not_valid(string floors)
    {
        using var folder = new TemporaryFolder();
        var text = Json(folder, floors);
        Assert.Throws<Diagnostics.PruneBuildException>(() => Harness.Load(folder["harness.json"]));
        Assert.NotEmpty((await Schema()).Validate(text));
    }

    [Fact]
    public async Task Every_dimension_is_in_the_schema()
    {
        var dimensions = (await Schema()).Definitions["floor"].Properties["dimension"].Enumeration;
        Assert.Equal(Dimension.Classification.Select(dimension => dimension.Name), dimensions.Cast<string>());
    }

    private static async Task<JsonSchema> Schema() => await JsonSchema.FromFileAsync(Path.Combine(Folder, "harness.schema.json"));

    private static string Json(TemporaryFolder folder, string floors)
    {
        folder.Write("common.u8", [1]);
        folder.Write("common.labels.u8", [1]);
        folder.Write("cases.jsonl", "{}");
        var text = HarnessFiles.Json(Cases, floors);
        folder.Write("harness.json", text);
        return text;
    }
}
