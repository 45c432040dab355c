using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Profiles;
using PruneBuild.Evaluation.Tests.Scorers.Custom;
using PruneBuild.Evaluation.Tests.Tasks;

namespace PruneBuild.Evaluation.Tests.Measuring;

/// <summary>Floors on the user's own dimensions, and on scorers.</summary>
public class DimensionFloorTests
{
    private const int Count = 400;

    [Fact]
    public void A_dimension_of_case_scorers_is_judged_case_by_case()
    {
        using var folder = new TemporaryFolder();
        var loaded = Classify(folder, """{ "dimension": "sureness", "slice": "*", "min": 0.8, "maxDrop": 0.05 }""", """{ "name": "sureness", "scorers": [ { "scorer": "log_loss", "zeroAt": 2, "oneAt": 0 } ] }""");
        var checks = Judge(loaded, Logits(3), Logits(3));
        Assert.All(checks, check => Assert.Equal((CheckResult.Pass, "cluster-robust t"), (check.Result, check.Method)));
        Assert.All(Judge(loaded, Logits(3), Logits(0.5f)), check => Assert.Equal(CheckResult.Fail, check.Result));
    }

    [Fact]
    public void A_dimension_of_zeros_and_ones_gets_Tango()
    {
        using var folder = new TemporaryFolder();
        var loaded = Classify(folder, """{ "dimension": "factuality", "slice": "*", "min": 0.9, "maxDrop": 0.05 }""", """{ "name": "factuality", "scorers": [ { "scorer": "top@2" }, { "scorer": "accuracy" } ], "combine": "minimum" }""");
        Assert.Equal(["Wilson", "Tango"], Judge(loaded, Logits(3), Logits(3)).Select(check => check.Method));
    }

    [Fact]
    public void A_dimension_with_a_scorer_of_samples_is_resampled()
    {
        using var folder = new TemporaryFolder();
        var loaded = Classify(folder, """{ "dimension": "balance", "slice": "*", "min": 0.9, "maxDrop": 0.1 }""", """{ "name": "balance", "scorers": [ { "scorer": "f1.macro" }, { "scorer": "accuracy" } ] }""");
        var checks = Judge(loaded, Logits(3), Logits(3, wrong: 4));
        Assert.Equal(["bootstrap (BCa)", "bootstrap (BCa)"], checks.Select(check => check.Method));
        Assert.All(checks, check => Assert.Equal(CheckResult.Pass, check.Result));
    }

    [Fact]
    public void A_scorer_alone_may_be_a_floor_in_its_own_unit()
    {
        using var folder = new TemporaryFolder();
        var loaded = Classify(folder, """{ "metric": "log_loss", "slice": "common", "max": 1.5 }, { "metric": "fidelity.kld.mean", "slice": "common", "max": 0.01 }, { "metric": "ece@5", "slice": "common", "max": 0.9 }, { "metric": "fidelity.agreement", "slice": "common", "min": 0.9 }""");
        Assert.All(Judge(loaded, Logits(3), Logits(3.01f)), check => Assert.Equal(CheckResult.Pass, check.Result));
        var worse = Judge(loaded, Logits(3), Logits(3, wrong: 100));
        Assert.Equal([CheckResult.Pass, CheckResult.Fail, CheckResult.Pass, CheckResult.Fail], worse.Select(check => check.Result));
    }

    [Theory]
    [InlineData("log_loss")]
    [InlineData("fidelity.kld.p99")]
    [InlineData("ece@10")]
    [InlineData("f1.macro")]
    [InlineData("brier")]
    public void The_parent_against_itself_never_fails_and_passes_with_enough_cases(string metric)
    {
        using var folder = new TemporaryFolder();
        var loaded = Classify(folder, $$"""{ "metric": "{{metric}}", "slice": "*", "maxDrop": 0.05 }""");
        var check = Assert.Single(Judge(loaded, Logits(1, wrong: 50), Logits(1, wrong: 50)));
        Assert.Equal((CheckResult.Pass, 0.0), (check.Result, check.Estimate));
    }

    [Fact]
    public void Sizes_have_no_uncertainty()
    {
        using var folder = new TemporaryFolder();
        var loaded = Classify(
            folder, """{ "dimension": "cost", "slice": "common", "min": 0.5 }, { "metric": "bytes", "slice": "common", "max": 1000 }""",
            """{ "name": "cost", "scorers": [ { "scorer": "bytes", "target": 100, "limit": 10000 } ] }""");
        FloorCheck[] Sized(long bytes) => [.. Gate.Judge(loaded.Harness, loaded.Cases, new EvaluatedModels(Logits(3), Logits(3)) { Bytes = (5000, bytes) }, "linux-x64").Verdict.Checks];
        Assert.All(Sized(999), check => Assert.Equal((CheckResult.Pass, "exact", check.Estimate), (check.Result, check.Method, check.Bound)));
        Assert.Equal(0.5, Sized(1000)[0].Candidate, 1e-12);
        Assert.All(Sized(1001), check => Assert.Equal(CheckResult.Fail, check.Result));
        Assert.Equal(5000, Sized(1)[1].Parent);
    }

    [Fact]
    public void A_size_on_the_limit_is_within_it()
    {
        using var folder = new TemporaryFolder();
        var loaded = Classify(folder, """{ "metric": "bytes", "slice": "common", "maxDrop": 0 }""");
        var models = new EvaluatedModels(Logits(3), Logits(3)) { Bytes = (5000, 5000) };
        Assert.Equal(CheckResult.Pass, Assert.Single(Gate.Judge(loaded.Harness, loaded.Cases, models, "linux-x64").Verdict.Checks).Result);
    }

    [Fact]
    public void Times_are_of_the_cases_that_were_timed()
    {
        using var folder = new TemporaryFolder();
        var loaded = Classify(folder, """{ "dimension": "latency", "slice": "common", "min": 0.5 }""", """{ "name": "latency", "scorers": [ { "scorer": "p90", "target": 10, "limit": 40 } ] }""");
        FloorCheck Timed(double milliseconds, string? reason = null) => Assert.Single(Gate.Judge(loaded.Harness, loaded.Cases, new EvaluatedModels(Logits(3), Logits(3))
        {
            Performance = () => [reason is null ? Every(milliseconds) : PerformanceRecord.NotMeasured(ResourceProfile.Unlimited, "y", reason)],
        }, "linux-arm64").Verdict.Checks);
        static PerformanceRecord Every(double time) => new("linux-arm64", "", MeasurementState.Measured)
        {
            Blocks = [.. Enumerable.Range(0, Count / 4).Select(i => 4 * i)],
            Parent = new ModelFigures { Seconds = [.. Enumerable.Range(0, Count / 2).Select(i => 0.005 * (1 + i / 2 % 3 / 10.0))] },
            Candidate = new ModelFigures { Seconds = [.. Enumerable.Range(0, Count / 2).Select(i => time / 1000 * (1 + i / 2 % 3 / 10.0))] },
        };

        Assert.Equal((CheckResult.Pass, 100), (Timed(10).Result, Timed(10).Cases));
        Assert.Equal(CheckResult.Fail, Timed(39).Result);
        var none = Timed(1, "x cannot time y");
        Assert.Equal((CheckResult.NotMeasured, "[linux-arm64] latency on 'common' has no value: x cannot time y"), (none.Result, none.Message));
    }

    [Fact]
    public void A_users_scorer_sees_answer_numbers_and_label()
    {
        using var folder = new TemporaryFolder();
        ScorerAssembly.Write(folder["scorers/House.dll"], ("house_style", 0.75));
        var loaded = Classify(folder, """{ "metric": "house_style", "slice": "*", "min": 0.7 }, { "dimension": "style", "slice": "*", "max": 0.8 }""", """{ "name": "style", "scorers": [ { "scorer": "house_style" } ] }""", "\"scorers\": \"scorers/House.dll\",");
        Assert.All(Judge(loaded, Logits(3), Logits(3)), check => Assert.Equal((CheckResult.Pass, 0.75), (check.Result, check.Candidate)));
        Assert.Contains(folder["scorers/House.dll"], loaded.Harness.SourceFiles);
    }

    [Fact]
    public void Scores_of_every_slice_and_of_all_cases_are_in_the_verdict()
    {
        using var folder = new TemporaryFolder();
        var loaded = Classify(folder, """{ "metric": "auc.ovr", "slice": "*", "min": 0.1, "mode": "point" }""", """{ "name": "sureness", "scorers": [ { "scorer": "brier", "zeroAt": 1, "oneAt": 0 } ] }""");
        var verdict = Gate.Judge(loaded.Harness, loaded.Cases, new EvaluatedModels(Logits(3), Logits(2)), "linux-x64").Verdict;
        verdict.Save(folder["verdict.json"]);
        var scores = Verdict.Load(folder["verdict.json"], loaded.Harness.File).Scores!;
        Assert.Equal([("auc.ovr", "common"), ("auc.ovr", "*"), ("sureness", "common"), ("sureness", "*")], scores.Select(score => (score.Name, score.Slice)));
        Assert.Equal(verdict.Scores, scores);
        Assert.True(scores[3].Change < 0);
    }

    [Fact]
    public void A_score_that_a_slice_has_not_is_an_error_with_its_reason()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(folder, """{ "metric": "auc.ovr", "slice": "*", "min": 0.5 }""", ("common", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), ("edge", [1, 1, 1]));
        ModelOutputs outputs = new([.. Enumerable.Range(0, 13).Select(i => Row(i % 10, 1))]);
        var checks = Gate.Judge(harness, cases, new EvaluatedModels(outputs, outputs), "linux-x64").Verdict.Checks;
        Assert.Equal(CheckResult.Error, checks[1].Result);
        Assert.Equal("[linux-x64] auc.ovr on 'edge' has no value: class 0 has no case, or nothing else has", checks[1].Message);
    }

    [Fact]
    public void A_metric_without_an_end_is_not_measured_where_most_drawings_have_no_value()
    {
        using var folder = new TemporaryFolder();
        float[] targets = [1, 1, 2];
        var loaded = TaskFiles.Regression(folder, """{ "metric": "r2", "slice": "*", "min": -5 }""", targets, targets);
        var check = TaskFiles.Check(loaded, TaskFiles.Rows(targets), TaskFiles.Rows([1, 2, 2]));
        Assert.Equal(CheckResult.NotMeasured, check.Result);
        Assert.Equal("[linux-x64] r2 on 'common' has no value: too few cases: many drawings of them have no value", check.Message);
    }

    [Fact]
    public void What_is_kept_gives_the_same_verdict()
    {
        using var folder = new TemporaryFolder();
        var loaded = Classify(folder, """{ "metric": "f1.macro", "slice": "*", "min": 0.8, "maxDrop": 0.1 }, { "metric": "log_loss", "slice": "*", "maxDrop": 0.3 }""");
        var models = new EvaluatedModels(Logits(3, wrong: 10), Logits(3, wrong: 30));
        var cache = new RememberedEvaluation();
        var first = Gate.Judge(loaded.Harness, loaded.Cases, models, "linux-x64", cache).Verdict.ToJson();
        var made = cache.Made;
        Assert.Equal(3, made);
        Assert.Equal(first, Gate.Judge(loaded.Harness, loaded.Cases, models, "linux-x64", cache).Verdict.ToJson());
        Assert.Equal(made, cache.Made);
        Assert.Equal(first, Gate.Judge(loaded.Harness, loaded.Cases, models, "linux-x64").Verdict.ToJson());
    }

    private static (Harness Harness, CaseSet Cases) Classify(TemporaryFolder folder, string floors, string? dimensions = null, string more = "")
    {
        folder.Write("x.u8", new byte[Count]);
        folder.Write("y.u8", [.. Enumerable.Range(0, Count).Select(i => (byte)(i % 10))]);
        return TaskFiles.Create(
            folder, "classification", $""" "classes": 10, {more} "input": {HarnessFiles.Input}, """, """{ "slice": "common", "tensors": "x.u8", "labels": "y.u8" }""", floors,
            dimensions is null ? "" : $"\"dimensions\": [ {dimensions} ],");
    }

    private static float[] Row(int answer, float height) => [.. Enumerable.Range(0, 10).Select(i => i == answer ? height : 0f)];

    /// <summary>Logits whose largest is the label's, by so much; the last cases take the next class.</summary>
    private static ModelOutputs Logits(float height, int wrong = 0) =>
        new([.. Enumerable.Range(0, Count).Select(i => Row(i < Count - wrong ? i % 10 : (i + 1) % 10, height))]);

    private static IReadOnlyList<FloorCheck> Judge((Harness Harness, CaseSet Cases) loaded, ModelOutputs parent, ModelOutputs candidate) =>
        Gate.Judge(loaded.Harness, loaded.Cases, new EvaluatedModels(parent, candidate), "linux-x64").Verdict.Checks;
}
