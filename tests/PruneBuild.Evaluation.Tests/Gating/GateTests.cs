namespace PruneBuild.Evaluation.Tests.Gating;

public class GateTests
{
    private const string Min = """{ "dimension": "accuracy", "slice": "common", "min": 0.60 }""";
    private const string Drop = """{ "dimension": "accuracy", "slice": "common", "maxDrop": 0.020 }""";
    private const string Keep = """{ "dimension": "accuracy", "slice": "common", "retention": 0.98 }""";

    [Theory]
    [InlineData(700, 10, 10, 280, CheckResult.Pass)]
    [InlineData(55, 0, 10, 35, CheckResult.Inconclusive)]
    [InlineData(60, 0, 0, 40, CheckResult.Inconclusive)]
    [InlineData(59, 10, 0, 31, CheckResult.Fail)]
    public void A_minimum_needs_the_lower_bound(int a, int b, int c, int d, CheckResult expected) =>
        Assert.Equal(expected, HarnessFiles.Check(Min, a, b, c, d).Result);

    [Theory]
    [InlineData(950, 5, 5, 40, CheckResult.Pass)]
    [InlineData(95, 1, 1, 3, CheckResult.Inconclusive)]
    [InlineData(95, 2, 0, 3, CheckResult.Inconclusive)]
    [InlineData(95, 3, 0, 2, CheckResult.Fail)]
    public void A_drop_needs_the_paired_bound(int a, int b, int c, int d, CheckResult expected) =>
        Assert.Equal(expected, HarnessFiles.Check(Drop, a, b, c, d).Result);

    [Theory]
    [InlineData(950, 5, 5, 40, CheckResult.Pass)]
    [InlineData(95, 1, 0, 4, CheckResult.Inconclusive)]
    [InlineData(90, 6, 0, 4, CheckResult.Fail)]
    public void Retention_needs_the_bound_of_the_ratio(int a, int b, int c, int d, CheckResult expected) =>
        Assert.Equal(expected, HarnessFiles.Check(Keep, a, b, c, d).Result);

    [Theory]
    [InlineData(Min, 60, 0, 0, 40)]
    [InlineData(Drop, 95, 2, 0, 3)]
    [InlineData(Keep, 98, 2, 0, 0)]
    public void In_point_mode_the_value_on_the_limit_passes(string floor, int a, int b, int c, int d)
    {
        var point = floor.Replace(" }", ", \"mode\": \"point\" }", StringComparison.Ordinal);
        Assert.Equal(CheckResult.Pass, HarnessFiles.Check(point, a, b, c, d).Result);
        Assert.Equal(CheckResult.Fail, HarnessFiles.Check(point, a - 1, b + 1, c, d).Result);
    }

    [Fact]
    public void The_parent_against_itself_passes_with_enough_cases_and_never_fails()
    {
        foreach (var n in (int[])[10, 50, 100, 130, 140, 200, 1000])
        {
            var check = HarnessFiles.Check(Drop, n * 4 / 5, 0, 0, n - n * 4 / 5);
            Assert.Equal(n > 1.6449 * 1.6449 * 0.98 / 0.02 ? CheckResult.Pass : CheckResult.Inconclusive, check.Result);
        }
    }

    [Fact]
    public void The_cases_that_an_inconclusive_floor_asks_for_do_decide_when_nothing_is_discordant()
    {
        var check = HarnessFiles.Check(Drop, 40, 0, 0, 10);
        Assert.Equal(133, check.CasesNeeded);
        Assert.Equal(CheckResult.Pass, HarnessFiles.Check(Drop, 103, 0, 0, 30).Result);
        Assert.Equal(CheckResult.Inconclusive, HarnessFiles.Check(Drop, 102, 0, 0, 30).Result);
    }

    [Fact]
    public void The_cases_asked_for_follow_the_rule_of_thumb_at_no_drop()
    {
        var check = HarnessFiles.Check(Drop, 90, 3, 3, 4);
        Assert.Equal(CheckResult.Inconclusive, check.Result);
        Assert.Equal(928, check.CasesNeeded);
    }

    [Fact]
    public void A_value_on_the_limit_cannot_be_decided_by_more_cases()
    {
        var check = HarnessFiles.Check(Drop, 95, 2, 0, 3);
        Assert.Null(check.CasesNeeded);
        Assert.EndsWith("; the value lies on the limit, no number of cases would decide", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_collapse_in_one_small_slice_fails_although_the_whole_barely_moves()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(
            folder, """{ "dimension": "accuracy", "slice": "*", "maxDrop": 0.05 }""", ("common", new int[2000]), ("adversarial", new int[40]));
        var (parent, candidate) = HarnessFiles.Answers((1900, 0, 0, 100), (16, 16, 0, 8));

        var verdict = Gate.Judge(harness, cases, parent, candidate, "linux-x64");

        Assert.Equal(CheckResult.Fail, verdict.Result);
        Assert.Equal([("common", CheckResult.Pass), ("adversarial", CheckResult.Fail)], verdict.Checks.Select(check => (check.Slice, check.Result)));
        Assert.True(verdict.Overall.Drop < 0.01);
    }

    [Fact]
    public void Flips_and_confusion_are_counted()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(folder, HarnessFiles.AnyFloor, ("common", [0, 0, 1, 2]), ("edge", [3, 3]));
        var verdict = Gate.Judge(harness, cases, HarnessFiles.Of([0, 0, 2, 9, 3, 3]), HarnessFiles.Of([0, 1, 1, 8, 3, 3]), "linux-x64");

        Assert.Equal(new PairedOutcome("common", 1, 1, 1, 1, 3, 0, 0), verdict.Slices[0]);
        Assert.Equal(new PairedOutcome("edge", 2, 0, 0, 0, 0, 0, 0), verdict.Slices[1]);
        Assert.Equal(new PairedOutcome("*", 3, 1, 1, 1, 3, 0, 0), verdict.Overall);
        Assert.Equal([new(0, 0, 1), new(0, 1, 1), new(1, 1, 1), new(2, 8, 1), new(3, 3, 2)], verdict.CandidateConfusion);
        Assert.Equal([new(0, 0, 2), new(1, 2, 1), new(2, 9, 1), new(3, 3, 2)], verdict.ParentConfusion);
    }

    [Fact]
    public void A_parent_without_finite_outputs_cannot_be_compared_with()
    {
        var check = WithErrors(parentErrors: 1, candidateErrors: 0);
        Assert.Equal(CheckResult.Error, check.Result);
        Assert.Equal("[linux-x64] accuracy on 'common' has no value: 1 of 200 outputs of the dense parent are not finite", check.Message);
    }

    [Theory]
    [InlineData(2, CheckResult.Pass)]
    [InlineData(3, CheckResult.Error)]
    public void A_candidate_may_miss_finite_outputs_up_to_the_budget(int errors, CheckResult expected) =>
        Assert.Equal(expected, WithErrors(parentErrors: 0, candidateErrors: errors).Result);

    [Fact]
    public void Retention_of_nothing_is_an_error() => Assert.Equal(CheckResult.Error, HarnessFiles.Check(Keep, 0, 0, 5, 95).Result);

    [Fact]
    public void Predictions_of_other_cases_are_refused()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(folder, HarnessFiles.AnyFloor, ("common", [0, 0]));
        Assert.Throws<ArgumentException>(() => Gate.Judge(harness, cases, HarnessFiles.Of([0]), HarnessFiles.Of([0, 0]), "linux-x64"));
        Assert.Throws<ArgumentException>(() => Gate.Judge(harness, cases, HarnessFiles.Of([0, 0]), HarnessFiles.Of([0]), "linux-x64"));
    }

    private static FloorCheck WithErrors(int parentErrors, int candidateErrors)
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(folder, HarnessFiles.AnyFloor, ("common", new int[200]));
        Predictions Answers(int errors) => HarnessFiles.Of([.. Enumerable.Repeat(Predictions.NotFinite, errors), .. new int[200 - errors]]);
        return Assert.Single(Gate.Judge(harness, cases, Answers(parentErrors), Answers(candidateErrors), "linux-x64").Checks);
    }
}
