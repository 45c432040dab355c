namespace PruneBuild.Evaluation.Tests.Gating;

public class DimensionTests
{
    // Examples of the scikit-learn documentation of balanced_accuracy_score, f1_score(average="macro") and matthews_corrcoef.
    [Theory]
    [InlineData("balanced-accuracy", new[] { 0, 1, 0, 0, 1, 0 }, new[] { 0, 1, 0, 0, 0, 1 }, 0.625)]
    [InlineData("macro-f1", new[] { 0, 1, 2, 0, 1, 2 }, new[] { 0, 2, 1, 0, 0, 1 }, 0.8 / 3)]
    [InlineData("mcc", new[] { 1, 1, 1, 0 }, new[] { 1, 0, 1, 1 }, -1.0 / 3)]
    public void Metrics_agree_with_scikit_learn(string dimension, int[] labels, int[] answers, double expected) =>
        Assert.Equal(expected, Check(dimension, "min", 0, labels, labels, answers).Candidate, 1e-12);

    [Theory]
    [InlineData("agreement", 1, 0.6)]
    [InlineData("flips", 0, 0.4)]
    [InlineData("right-to-wrong", 0, 0.2)]
    public void Fidelity_compares_with_the_parent(string dimension, double parent, double candidate)
    {
        var check = Check(dimension, "min", 0, [0, 0, 0, 0, 0], [0, 0, 0, 1, 1], [0, 0, 1, 2, 1]);
        Assert.Equal((parent, candidate), (check.Parent, check.Candidate));
    }

    [Fact]
    public void An_answer_that_is_no_number_is_wrong_but_no_class()
    {
        int[] labels = [.. Enumerable.Repeat(0, 100), .. Enumerable.Repeat(1, 100)];
        int[] answers = [Predictions.NotFinite, .. labels[1..]];
        // F1 of class 0 is 2·99 / (100 + 99), of class 1 it is 1.
        Assert.Equal((198.0 / 199 + 1) / 2, Check("macro-f1", "min", 0, labels, labels, answers).Candidate, 1e-12);
        Assert.Equal(0.995, Check("balanced-accuracy", "min", 0, labels, labels, answers).Candidate, 1e-12);
    }

    [Theory]
    [InlineData("balanced-accuracy")]
    [InlineData("macro-f1")]
    [InlineData("mcc")]
    public void A_metric_is_judged_by_the_paired_bootstrap(string dimension)
    {
        var random = new Random(5);
        int[] labels = [.. Enumerable.Range(0, 400).Select(index => index % 4)];
        int[] parent = [.. labels.Select(label => random.NextDouble() < 0.1 ? (label + 1) % 4 : label)];
        int[] candidate = [.. parent.Select(answer => random.NextDouble() < 0.02 ? (answer + 1) % 4 : answer)];
        int[] ruined = [.. parent.Select(answer => random.NextDouble() < 0.2 ? (answer + 1) % 4 : answer)];

        var kept = Check(dimension, "maxDrop", 0.08, labels, parent, candidate, "interval");
        Assert.Equal((CheckResult.Pass, "bootstrap (BCa)"), (kept.Result, kept.Method));
        Assert.InRange(kept.Bound, kept.Estimate + 0.002, kept.Estimate + 0.06);
        Assert.Equal(CheckResult.Fail, Check(dimension, "maxDrop", 0.08, labels, parent, ruined, "interval").Result);
        Assert.Equal(CheckResult.Pass, Check(dimension, "maxDrop", 0.04, labels, parent, parent, "interval").Result);
    }

    private static FloorCheck Check(string dimension, string key, double threshold, int[] labels, int[] parent, int[] candidate, string mode = "point")
    {
        using var folder = new TemporaryFolder();
        var floor = $$"""{ "dimension": "{{dimension}}", "slice": "common", "{{key}}": {{threshold}}, "mode": "{{mode}}" }""";
        var (harness, cases) = HarnessFiles.Create(folder, floor, ("common", labels));
        return Assert.Single(Gate.Judge(harness, cases, HarnessFiles.Of(parent), HarnessFiles.Of(candidate), "linux-x64").Checks);
    }
}
