using PruneBuild.Evaluation.Tests.Runs;

namespace PruneBuild.Evaluation.Tests.Tasks;

public class RegressionTests
{
    private static readonly float[] Targets = [.. Enumerable.Range(0, 200).Select(i => i / 10f)];

    [Theory]
    [InlineData(null)]
    [InlineData(64)]
    public void A_model_gives_one_number_a_case(int? fixedBatch)
    {
        using var folder = new TemporaryFolder();
        float[] inputs = [.. Targets.Select(target => target + 0.5f)];
        var (harness, cases) = TaskFiles.Regression(folder, """{ "metric": "mae", "slice": "*", "max": 0.6 }""", inputs, Targets);

        var outputs = ModelRun.Evaluate(folder.Write("m.onnx", TinyOnnx.Unary("Identity", fixedBatch, 1)), harness, cases, threads: 1);

        Assert.Equal(inputs, Enumerable.Range(0, outputs.Count).Select(i => outputs[i][0]));
        var check = TaskFiles.Check((harness, cases), outputs, outputs);
        Assert.Equal((CheckResult.Pass, 0.5, 0.5), (check.Result, Math.Round(check.Parent, 5), Math.Round(check.Candidate, 5)));
    }

    [Fact]
    public void Lines_hold_a_target_in_place_of_a_label()
    {
        using var folder = new TemporaryFolder();
        folder.Write("c.jsonl", """
            {"id":"a","slice":"common","input":[1],"target":2.5}
            {"id":"b","slice":"edge","input":[2],"target":-1e3,"cluster":"k"}
            """);
        var (_, cases) = TaskFiles.Create(
            folder, "regression", """ "input": { "elementType": "float32", "shape": [1], "layout": "none" }, """, """{ "jsonl": "c.jsonl" }""",
            """{ "metric": "rmse", "slice": "*", "max": 1 }""");
        Assert.Equal([2.5, -1000], cases.Targets);
        Assert.Equal([CaseSet.NoLabel, CaseSet.NoLabel], cases.Labels);
        Assert.Equal(["common", "edge"], cases.Slices);
    }

    [Theory]
    [InlineData("PB1013", """{"id":"a","slice":"common","input":[1]}""", 1)]
    [InlineData("PB1011", """{"id":"a","slice":"common","input":[1],"label":3}""", 40)]
    [InlineData("PB1012", """{"id":"a","slice":"common","input":[1],"target":"3"}""", 49)]
    public void A_line_without_a_number_is_refused_where_it_is(string code, string line, int column)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("c.jsonl", line);
        var error = HarnessFiles.Fails(code, () => TaskFiles.Create(
            folder, "regression", """ "input": { "elementType": "float32", "shape": [1], "layout": "none" }, """, """{ "jsonl": "c.jsonl" }""",
            """{ "metric": "rmse", "slice": "*", "max": 1 }"""));
        Assert.Equal((path, 1, column), (error.File, error.Line, error.Column));
    }

    [Fact]
    public void An_output_of_several_numbers_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("x.f32", new byte[12]);
        folder.Write("y.f32", new byte[4]);
        var (harness, cases) = TaskFiles.Create(
            folder, "regression", """ "input": { "elementType": "float32", "shape": [3], "layout": "none" }, """,
            """{ "slice": "common", "tensors": "x.f32", "targets": "y.f32" }""", """{ "metric": "rmse", "slice": "*", "max": 1 }""");
        var path = folder.Write("m.onnx", TinyOnnx.Unary("Identity", null, 3));
        var error = HarnessFiles.Fails("PB5022", () => ModelRun.Evaluate(path, harness, cases, threads: 1));
        Assert.Equal($"Output 'logits' of '{path}' is Float [1, 3]; expected are one number a case, [n] or [n, 1].", error.Message);
    }

    [Theory]
    [InlineData("mae", 0.0, CheckResult.Pass, "cluster-robust t")]
    [InlineData("mae", 0.3, CheckResult.Fail, "cluster-robust t")]
    [InlineData("rmse", 0.0, CheckResult.Pass, "bootstrap (BCa)")]
    [InlineData("rmse", 0.3, CheckResult.Fail, "bootstrap (BCa)")]
    public void A_loss_without_an_upper_end_may_not_grow(string metric, double worse, CheckResult expected, string method)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(3);
        float[] noise = [.. Targets.Select(_ => (float)(random.NextDouble() - 0.5))];
        var loaded = TaskFiles.Regression(folder, $$"""{ "metric": "{{metric}}", "slice": "*", "maxDrop": 0.1 }""", Targets, Targets);
        var check = TaskFiles.Check(
            loaded,
            TaskFiles.Rows(Targets.Zip(noise, (target, error) => target + error)),
            TaskFiles.Rows(Targets.Zip(noise, (target, error) => target + error + (float)(worse * Math.Sign(error) * 1.5))));
        Assert.Equal((expected, method), (check.Result, check.Method));
        Assert.True(expected == CheckResult.Fail ? check.Estimate > 0.1 : check.Bound < 0.1, check.Message);
    }

    [Fact]
    public void An_output_that_is_not_a_number_is_PB4008_and_no_mean_of_the_rest()
    {
        using var folder = new TemporaryFolder();
        var loaded = TaskFiles.Regression(folder, """{ "metric": "mae", "slice": "*", "max": 5 }""", Targets, Targets);
        var verdict = Gate.Judge(loaded.Harness, loaded.Cases, new EvaluatedModels(TaskFiles.Rows(Targets), TaskFiles.Rows(Targets.Select((target, i) => i == 7 ? float.NaN : target))), "linux-x64").Verdict;
        var diagnostic = Assert.Single(verdict.ToDiagnostics());
        Assert.Equal("PB4008", diagnostic.Code);
        Assert.Equal("[linux-x64] mae on 'common' has no value: case 7: the result is not finite", diagnostic.Message);
    }
}
