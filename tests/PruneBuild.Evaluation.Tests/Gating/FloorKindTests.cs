using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Gating;

/// <summary>The floors beyond min, maxDrop and retention, and those on scores that are no zeros and ones.</summary>
public class FloorKindTests
{
    [Theory]
    [InlineData(960, 10, 0, 30, CheckResult.Pass)]
    [InlineData(965, 18, 0, 17, CheckResult.Inconclusive)]
    [InlineData(960, 21, 0, 19, CheckResult.Fail)]
    public void A_maximum_needs_the_upper_bound(int a, int b, int c, int d, CheckResult expected)
    {
        var check = HarnessFiles.Check("""{ "dimension": "right-to-wrong", "slice": "common", "max": 0.02 }""", a, b, c, d);
        Assert.Equal(expected, check.Result);
        Assert.Equal(WilsonInterval.UpperBound(b, 1000, 0.95), check.Bound);
    }

    [Theory]
    [InlineData(800, 10, 100, 90, CheckResult.Pass)]
    [InlineData(800, 40, 65, 95, CheckResult.Inconclusive)]
    [InlineData(800, 50, 60, 90, CheckResult.Fail)]
    public void An_improvement_needs_the_lower_bound(int a, int b, int c, int d, CheckResult expected)
    {
        var check = HarnessFiles.Check("""{ "dimension": "accuracy", "slice": "common", "minImprovement": 0.02 }""", a, b, c, d);
        Assert.Equal(expected, check.Result);
        Assert.Equal(TangoInterval.LowerBound(b, c, 1000, 0.95), check.Bound);
    }

    [Fact]
    public void A_slice_that_loses_half_is_caught_although_nobody_wrote_a_floor_for_it_and_the_whole_keeps_99_percent()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(
            folder, """{ "dimension": "accuracy", "slice": "*", "sliceGap": 0.05 }""", ("common", new int[2000]), ("rare", new int[30]));
        var (parent, candidate) = HarnessFiles.Answers((1900, 0, 0, 100), (14, 14, 0, 2));

        var verdict = Gate.Judge(harness, cases, parent, candidate, "linux-x64");

        Assert.True(verdict.Overall.CandidateAccuracy / verdict.Overall.ParentAccuracy > 0.99);
        Assert.Equal([("common", CheckResult.Pass), ("rare", CheckResult.Fail)], verdict.Checks.Select(check => (check.Slice, check.Result)));
        Assert.Equal(14.0 / 30 - 14.0 / 2030, verdict.Checks[1].Estimate, 1e-12);
        Assert.Contains(" drops 0.460 more than all cases do, allowed 0.050 ", verdict.Checks[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_all_slices_share_is_no_gap()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(
            folder, """{ "dimension": "accuracy", "slice": "*", "sliceGap": 0.06 }""", ("common", new int[1000]), ("edge", new int[1000]));
        var (parent, candidate) = HarnessFiles.Answers((700, 200, 0, 100), (700, 200, 0, 100));
        Assert.All(Gate.Judge(harness, cases, parent, candidate, "linux-x64").Checks, check => Assert.Equal((CheckResult.Pass, 0.0), (check.Result, check.Estimate)));
    }

    [Fact]
    public void The_only_slice_has_no_gap_to_measure()
    {
        var check = HarnessFiles.Check("""{ "dimension": "accuracy", "slice": "*", "sliceGap": 0.05 }""", 100, 0, 0, 0);
        Assert.Equal(CheckResult.NotMeasured, check.Result);
        Assert.EndsWith(" has no value: no case lies outside the slice, so there is no gap", check.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, CheckResult.Pass)]
    [InlineData(199, CheckResult.NotMeasured)]
    public void Too_few_cases_are_no_measurement(int cases, CheckResult expected) =>
        Assert.Equal(expected, HarnessFiles.Check("""{ "dimension": "accuracy", "slice": "*", "min": 0.5, "mode": "point", "minCases": 200 }""", cases, 0, 0, 0).Result);

    [Fact]
    public void What_nothing_measures_is_not_measured()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(folder, HarnessFiles.AnyFloor, ("common", [0, 0]));
        var check = Assert.Single(Gate.Judge(harness, cases, [new MeanMeasurement(Dimension.MacroF1, [1, 1], [1, 1])], "linux-x64"));
        Assert.Equal((CheckResult.NotMeasured, "[linux-x64] accuracy on 'common' has no value: nothing measures it"), (check.Result, check.Message));
    }

    [Fact]
    public void A_value_that_is_no_number_is_an_error()
    {
        var scores = Enumerable.Repeat(0.5, 30).ToArray();
        var check = HarnessFiles.CheckScores(HarnessFiles.AnyFloor, scores, [double.NaN, .. scores[1..]]);
        Assert.Equal((CheckResult.Error, 0.0), (check.Result, check.Estimate));
    }

    [Fact]
    public void Continuous_scores_get_the_t_interval_of_their_differences_a_little_widened()
    {
        var random = new Random(1);
        double[] parent = [.. Enumerable.Range(0, 50).Select(_ => 0.5 + random.NextDouble() / 2)];
        double[] candidate = [.. parent.Select(score => score - 0.1 * random.NextDouble())];
        double[] drops = [.. parent.Zip(candidate, (before, after) => before - after)];

        var check = HarnessFiles.CheckScores("""{ "dimension": "accuracy", "slice": "common", "maxDrop": 0.1 }""", parent, candidate);

        var mean = drops.Average();
        var error = Math.Sqrt(drops.Sum(drop => (drop - mean) * (drop - mean)) / 49 / 50);
        Assert.Equal(mean, check.Estimate, 1e-12);
        Assert.InRange(check.Bound - mean, 1.03 * 1.6765509 * error, 1.15 * 1.6765509 * error);
        Assert.Equal("cluster-robust t", check.Method);
    }

    [Fact]
    public void Few_continuous_scores_are_resampled()
    {
        double[] parent = [.. Enumerable.Range(0, 12).Select(index => 0.8 + 0.01 * index)];
        double[] candidate = [.. parent.Select((score, index) => score - 0.002 * index)];
        var check = HarnessFiles.CheckScores("""{ "dimension": "accuracy", "slice": "common", "maxDrop": 0.05 }""", parent, candidate);
        Assert.Equal("bootstrap (BCa)", check.Method);
        Assert.InRange(check.Bound, check.Estimate, 0.022);
    }

    [Fact]
    public void Retention_of_continuous_scores_is_the_ratio_that_the_difference_allows()
    {
        double[] parent = [.. Enumerable.Range(0, 100).Select(index => 0.6 + 0.003 * index)];
        double[] candidate = [.. parent.Select((score, index) => 0.97 * score + (index % 2 == 0 ? 0.01 : -0.01))];
        var check = HarnessFiles.CheckScores("""{ "dimension": "accuracy", "slice": "common", "retention": 0.96 }""", parent, candidate);
        Assert.Equal(0.97, check.Estimate, 1e-9);
        // At the bound the one-sided t of candidate - r·parent is that of 99 degrees of freedom, 1.660, a little widened.
        double[] differences = [.. candidate.Zip(parent, (after, before) => after - check.Bound * before)];
        var mean = differences.Average();
        Assert.InRange(mean / Math.Sqrt(differences.Sum(one => (one - mean) * (one - mean)) / 99 / 100), 1.67, 1.80);
        Assert.Equal(CheckResult.Pass, check.Result);
    }

    [Fact]
    public void Dependent_cases_prove_less()
    {
        const string Floor = """{ "dimension": "accuracy", "slice": "common", "maxDrop": 0.05 }""";
        // 600 cases in 30 tickets, one of which the candidate loses as a whole.
        double[] parent = [.. Enumerable.Repeat(1.0, 600)];
        double[] candidate = [.. Enumerable.Range(0, 600).Select(index => index < 20 ? 0.0 : 1.0)];
        var clustered = HarnessFiles.CheckScores(Floor, parent, candidate, [.. Enumerable.Range(0, 600).Select(index => index / 20)]);
        var independent = HarnessFiles.CheckScores(Floor, parent, candidate);

        Assert.Equal((CheckResult.Inconclusive, CheckResult.Pass), (clustered.Result, independent.Result));
        Assert.Equal(30, clustered.Clusters);
        Assert.Null(independent.Clusters);
        Assert.Equal(("cluster-robust t", "Tango"), (clustered.Method, independent.Method));
        Assert.Contains("n=600 in 30 clusters)", clustered.Message, StringComparison.Ordinal);
        Assert.True(clustered.CasesNeeded > 600);
    }

    [Fact]
    public void One_cluster_measures_nothing() => Assert.Equal(
        CheckResult.NotMeasured,
        HarnessFiles.CheckScores(HarnessFiles.AnyFloor, [1, 1, 1], [1, 1, 1], [0, 0, 0]).Result);

    [Fact]
    public void Equal_scores_of_a_few_clusters_are_no_certainty()
    {
        const string Floor = """{ "dimension": "accuracy", "slice": "common", "maxDrop": 0.02 }""";
        double[] scores = [.. Enumerable.Repeat(0.9, 400)];
        int[] clusters = [.. Enumerable.Range(0, 400).Select(index => index / 10)];
        var check = HarnessFiles.CheckScores(Floor, scores, scores, clusters);
        Assert.Equal(CheckResult.Inconclusive, check.Result);
        Assert.Equal(UnanimousBound.Distance(1, 40, 0.95), check.Bound, 1e-9);
        Assert.Equal(CheckResult.Pass, HarnessFiles.CheckScores(Floor, scores, scores).Result);
    }

    [Theory]
    [InlineData("""{ "dimension": "flips", "slice": "common", "retention": 0.9 }""")]
    [InlineData("""{ "dimension": "macro-f1", "slice": "common", "retention": 0.9, "chance": 0.5 }""")]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "min": -0.5 }""")]
    [InlineData("""{ "dimension": "mcc", "slice": "common", "min": -1.5 }""")]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "sliceGap": 1.5 }""")]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "min": 0.5, "minCases": 0 }""")]
    public void A_floor_that_means_nothing_is_refused(string floor) => HarnessFiles.Fails("PB1012", () => HarnessFiles.Check(floor, 50, 0, 0, 50));
}
