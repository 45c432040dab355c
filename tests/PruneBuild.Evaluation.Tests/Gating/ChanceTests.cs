using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Gating;

/// <summary>Retention of what the dense parent can do beyond guessing.</summary>
public class ChanceTests
{
    private const string Half = """{ "dimension": "accuracy", "slice": "common", "retention": 0.80, "chance": 0.5 }""";

    [Fact]
    public void Retention_counts_from_chance()
    {
        // 0.90 to 0.80 is 89 % of the accuracy, but 75 % of what is above one half.
        var check = HarnessFiles.Check(Half, 800, 100, 0, 100);
        Assert.Equal(0.75, check.Estimate, 1e-9);
        Assert.Equal(0.5, check.Chance);
        Assert.Equal(CheckResult.Fail, check.Result);
        Assert.Equal(CheckResult.Pass, HarnessFiles.Check(Half.Replace(", \"chance\": 0.5", "", StringComparison.Ordinal), 800, 100, 0, 100).Result);
    }

    [Fact]
    public void The_bound_decides_and_more_cases_help()
    {
        var few = HarnessFiles.Check(Half, 83, 7, 0, 10);
        Assert.Equal(CheckResult.Inconclusive, few.Result);
        Assert.True(few.CasesNeeded > 100);
        Assert.Equal(CheckResult.Pass, HarnessFiles.Check(Half, 83 * 40, 7 * 40, 0, 10 * 40).Result);
    }

    [Theory]
    [InlineData(59, CheckResult.Inconclusive)]
    [InlineData(50, CheckResult.Inconclusive)]
    [InlineData(20, CheckResult.Inconclusive)]
    [InlineData(95, CheckResult.Pass)]
    public void A_parent_within_two_standard_errors_of_chance_is_uninformative(int right, CheckResult expected)
    {
        var check = HarnessFiles.Check(Half, right, 0, 0, 100 - right);
        Assert.Equal(expected, check.Result);
        Assert.Equal(expected == CheckResult.Inconclusive, check.Message.Contains("is uninformative", StringComparison.Ordinal));
        Assert.Null(check.CasesNeeded);
    }

    [Fact]
    public void The_majority_baseline_is_that_of_the_slice()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(folder, """{ "dimension": "accuracy", "slice": "*", "retention": 0.5, "chance": "majority" }""",
            ("common", [.. Enumerable.Repeat(0, 30), .. Enumerable.Repeat(1, 70)]), ("edge", [.. Enumerable.Repeat(2, 25), .. Enumerable.Repeat(3, 25), .. Enumerable.Repeat(4, 50)]));
        var answers = HarnessFiles.Of([.. cases.Labels]);
        var checks = Gate.Judge(harness, cases, answers, answers, "linux-x64").Checks;
        Assert.Equal([0.7, 0.5], checks.Select(check => check.Chance));
        Assert.All(checks, check => Assert.Equal((CheckResult.Pass, 1.0), (check.Result, check.Estimate)));
    }

    [Theory]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "min": 0.8, "chance": 0.5 }""")]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "retention": 0.8, "chance": 1 }""")]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "retention": 0.8, "chance": "coin" }""")]
    public void A_chance_that_means_nothing_is_refused(string floor) =>
        HarnessFiles.Fails("PB1012", () => HarnessFiles.Check(floor, 50, 0, 0, 50));

    [Fact]
    public void A_stored_verdict_keeps_the_chance()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(folder, Half, ("common", new int[100]));
        var (parent, candidate) = HarnessFiles.Answers((95, 0, 0, 5));
        var verdict = Gate.Judge(harness, cases, parent, candidate, "linux-x64");
        var path = folder.Write("verdict.json", []);
        verdict.Save(path);
        Assert.Equal(0.5, Assert.Single(Verdict.Load(path, harness.File).Checks).Chance);
    }

    [Fact]
    public void The_lower_bound_covers_the_true_ratio_as_often_as_it_says()
    {
        // Parent right in 0.8, candidate in 0.74, chance 0.5: the true ratio is 0.8.
        double[] shares = [0.70, 0.10, 0.04, 0.16];
        var random = new Random(3);
        const int samples = 2000;
        var covered = 0;
        for (var sample = 0; sample < samples; sample++)
        {
            var counts = new int[4];
            for (var one = 0; one < 400; one++)
            {
                var draw = random.NextDouble();
                counts[draw < shares[0] ? 0 : draw < shares[0] + shares[1] ? 1 : draw < 1 - shares[3] ? 2 : 3]++;
            }
            if (AdjustedRetentionInterval.LowerBound(counts[0], counts[1], counts[2], 400, 0.5, 0.95) <= 0.8)
                covered++;
        }
        Assert.InRange((double)covered / samples, 0.935, 0.985);
    }
}
