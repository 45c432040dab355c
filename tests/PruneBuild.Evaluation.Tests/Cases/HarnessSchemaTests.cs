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
    [InlineData("""{ "metric": "log_loss", "slice": "*", "max": 2.5, "maxDrop": 3 }, { "metric": "top@2", "slice": "common", "retention": 0.9 }""")]
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
    [InlineData("""{ "dimension": "two words", "slice": "common", "min": 0.9 }""")]
    [InlineData("""{ "dimension": "accuracy", "metric": "accuracy", "slice": "common", "min": 0.9 }""")]
    [InlineData("""{ "metric": "log_loss", "slice": "common" }""")]
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
        var dimensions = (await Schema()).Definitions["floor"].Properties["dimension"].AnyOf.First().Enumeration;
        Assert.Equal(Dimension.Classification.Select(dimension => dimension.Name), dimensions.Cast<string>());
    }

    [Fact]
    public async Task Every_scorer_that_fits_a_task_is_in_the_schema()
    {
        var metrics = (await Schema()).Definitions["scorer"].AnyOf.First().Enumeration;
        var fitting = Enum.GetValues<TaskKind>().SelectMany(TaskScorers.Names).Distinct().Where(name => !name.EndsWith("@k", StringComparison.Ordinal));
        Assert.Equal(fitting.Order(StringComparer.Ordinal), metrics.Cast<string>().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("regression", """ "input": { "elementType": "uint8", "shape": [1], "layout": "none" }, """, """{ "slice": "common", "tensors": "common.u8", "targets": "t.f32" }""", "rmse")]
    [InlineData("embedding", """ "input": { "elementType": "uint8", "shape": [1], "layout": "none" }, """, """{ "jsonl": "cases.jsonl" }""", "sts.spearman")]
    [InlineData("embedding", """ "input": { "name": "input_ids" }, "pooling": "first", "corpus": "cases.jsonl", """, """{ "jsonl": "cases.jsonl" }""", "ndcg@10")]
    [InlineData("language", """ "window": 64, "stride": 32, "startToken": 1, "tokenizer": "tok.json", "tokenBytes": "b.u16", "input": { "elementType": "uint16" }, """, """{ "slice": "common", "tokens": "t.u16" }, { "jsonl": "cases.jsonl" }""", "perplexity")]
    [InlineData("generation", """ "generation": { "maxTokens": 8, "stop": ["\n\n"], "template": "all", "format": "json" }, """, """{ "jsonl": "cases.jsonl" }""", "rougeL")]
    [InlineData("multiple-choice", """ "startToken": 1, "batchSize": 8, "output": "logits", """, """{ "jsonl": "cases.jsonl" }""", "acc_norm")]
    public async Task Every_task_is_valid(string task, string keys, string cases, string metric)
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["common.u8", "t.f32", "cases.jsonl", "tok.json", "b.u16", "t.u16"]) folder.Write(name, new byte[4]);
        var text = $$"""
            { "version": 1, "task": "{{task}}", {{keys}} "cases": [ {{cases}} ],
              "dimensions": [ { "name": "quality", "scorers": [ { "scorer": "{{metric}}", "zeroAt": 10, "oneAt": 0 } ], "combine": "minimum" },
                              { "name": "latency", "scorers": [ { "scorer": "p90", "target": 20, "limit": 80 } ] } ],
              "floors": [ { "dimension": "quality", "slice": "*", "min": 0.5 }, { "metric": "{{metric}}", "slice": "common", "max": 12 }, { "metric": "bytes", "slice": "common", "max": 1000000 } ] }
            """.Replace("\"max\": 12", metric is "rmse" or "perplexity" ? "\"max\": 12" : "\"min\": 0", StringComparison.Ordinal);
        var harness = Harness.Load(folder.Write("harness.json", text));
        Assert.Equal((task, 2, 3), (harness.Task, harness.Dimensions.Count, harness.Floors.Count));
        Assert.Empty((await Schema()).Validate(text));
        Assert.NotEmpty((await Schema()).Validate(text.Replace("\"version\"", "\"classes\": 3, \"version\"", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("multiple-choice", "[128, 512]", "context:129-512", true)]
    [InlineData("multiple-choice", "[128, 512]", "context:513+", true)]
    [InlineData("multiple-choice", "[128, 512]", "context:>512", false)]
    [InlineData("multiple-choice", "[]", "*", false)]
    [InlineData("multiple-choice", "[0, 512]", "*", false)]
    [InlineData("multiple-choice", "[512, 512]", "*", false)]
    [InlineData("classification", "[128, 512]", "*", false)]
    public async Task Context_lengths_are_valid_where_the_reader_takes_them(string task, string lengths, string slice, bool isValid)
    {
        using var folder = new TemporaryFolder();
        folder.Write("cases.jsonl", "{}");
        var more = task == "classification" ? $""" "classes": 2, "input": {HarnessFiles.Input}, """ : "";
        var text = $$"""
            { "version": 1, "task": "{{task}}", {{more}} "contextLengths": {{lengths}}, "cases": [ { "jsonl": "cases.jsonl" } ], "floors": [ { "dimension": "accuracy", "slice": "{{slice}}", "min": 0.5 } ] }
            """;
        var path = folder.Write("harness.json", text);
        Assert.Equal(isValid, Record.Exception(() => Harness.Load(path)) is null);
        Assert.Equal(isValid, (await Schema()).Validate(text).Count == 0);
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
