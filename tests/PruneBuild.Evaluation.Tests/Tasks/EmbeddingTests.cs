namespace PruneBuild.Evaluation.Tests.Tasks;

public class EmbeddingTests
{
    private static readonly float[][] Vectors = [[1, 0], [0, 1], [-1, 0], [3, 4]];

    private const string Documents = """
        {"id":"east","document":[0]}
        {"id":"north","document":[1]}
        {"id":"west","document":[2]}
        """;

    [Theory]
    [InlineData("mean", 0.5f, 0.5f)]
    [InlineData("first", 1f, 0f)]
    public void The_vectors_of_tokens_become_one(string pooling, float x, float y)
    {
        using var folder = new TemporaryFolder();
        folder.Write("p.jsonl", """{"id":"a","slice":"common","first":[0,1],"second":[3],"similarity":4}""");
        var (harness, cases) = TaskFiles.Create(
            folder, "embedding", $$""" "input": { }, "pooling": "{{pooling}}", """, """{ "jsonl": "p.jsonl" }""", """{ "metric": "cosine", "slice": "*", "min": 0.9 }""");
        var outputs = ModelRun.Evaluate(TaskFiles.Bigrams(folder, Vectors), harness, cases, threads: 1);
        Assert.Equal([x, y], outputs[0].ToArray());
        Assert.Equal([3f, 4f], outputs[1].ToArray());
    }

    [Fact]
    public void Pairs_are_correlated_with_what_people_say()
    {
        using var folder = new TemporaryFolder();
        folder.Write("p.jsonl", """
            {"id":"same","slice":"common","first":[0],"second":[0],"similarity":5}
            {"id":"near","slice":"common","first":[0],"second":[3],"similarity":3}
            {"id":"across","slice":"common","first":[0],"second":[1],"similarity":2}
            {"id":"against","slice":"common","first":[0],"second":[2],"similarity":0}
            """);
        var (harness, cases) = TaskFiles.Create(
            folder, "embedding", """ "input": { }, """, """{ "jsonl": "p.jsonl" }""",
            """{ "metric": "sts.spearman", "slice": "*", "min": 0.9, "mode": "point" }, { "metric": "cosine", "slice": "*", "min": 0.9, "mode": "point" }""");
        var parent = ModelRun.Evaluate(TaskFiles.Bigrams(folder, Vectors), harness, cases, threads: 1);
        // The candidate turns one direction around, so what was alike no longer is.
        var candidate = ModelRun.Evaluate(TaskFiles.Bigrams(folder, [[1, 0], [0, 1], [1, 0.5f], [3, 4]]), harness, cases, threads: 1);
        var checks = Gate.Judge(harness, cases, new EvaluatedModels(parent, candidate), "linux-x64").Verdict.Checks;
        Assert.Equal(CheckResult.Fail, checks[0].Result);
        Assert.Equal(1.0, checks[0].Parent, 1e-9);
        Assert.True(checks[0].Candidate < 0.5);
        Assert.Equal(1.0, checks[1].Parent, 1e-9);
    }

    [Theory]
    [InlineData(""" "input": { }, "corpus": "d.jsonl", """, "[3]")]
    [InlineData(""" "input": { "elementType": "float32", "shape": [2], "layout": "none" }, "corpus": "v.jsonl", """, "[3,4]")]
    public void Queries_find_the_nearest_documents_by_tokens_and_by_numbers(string keys, string query)
    {
        using var folder = new TemporaryFolder();
        folder.Write("d.jsonl", Documents);
        folder.Write("v.jsonl", Documents.Replace("[0]", "[1,0]", StringComparison.Ordinal).Replace("[1]", "[0,1]", StringComparison.Ordinal).Replace("[2]", "[-1,0]", StringComparison.Ordinal));
        folder.Write("q.jsonl", $$$"""{"id":"q","slice":"common","query":{{{query}}},"relevance":{"east":1}}""" + "\n" + $$$"""{"id":"r","slice":"common","query":{{{query}}},"relevance":{"north":2}}""");
        var (harness, cases) = TaskFiles.Create(
            folder, "embedding", keys, """{ "jsonl": "q.jsonl" }""", """{ "metric": "mrr", "slice": "*", "min": 0.5, "mode": "point" }, { "metric": "recall@1", "slice": "*", "min": 0.5, "mode": "point" }""");
        var model = harness.HasTensors ? folder.Write("m.onnx", Runs.TinyOnnx.Unary("Identity", null, 2)) : TaskFiles.Bigrams(folder, Vectors);
        var outputs = ModelRun.Evaluate(model, harness, cases, threads: 1);
        var checks = Gate.Judge(harness, cases, new EvaluatedModels(outputs, outputs), "linux-x64").Verdict.Checks;
        // (3, 4) is nearest to north, then to east.
        Assert.Equal([0.75, 0.5], checks.Select(check => check.Candidate));
    }

    [Fact]
    public void A_query_without_a_corpus_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("q.jsonl", """{"id":"q","slice":"common","query":[1],"relevance":{"east":1}}""");
        var error = HarnessFiles.Fails("PB1012", () => TaskFiles.Create(
            folder, "embedding", """ "input": { }, """, """{ "jsonl": "q.jsonl" }""", """{ "metric": "mrr", "slice": "*", "min": 0.5 }"""));
        Assert.Equal((1, 36), (error.Line, error.Column));
    }
}
