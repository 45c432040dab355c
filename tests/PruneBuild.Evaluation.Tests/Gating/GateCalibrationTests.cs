using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Gating;

/// <summary>How often the gate is wrong, by simulation and by exact summation.</summary>
public class GateCalibrationTests
{
    private const int Trials = 4000;

    [Theory]
    [InlineData(50, 0.06, 0.05)]
    [InlineData(100, 0.06, 0.05)]
    [InlineData(200, 0.06, 0.05)]
    [InlineData(400, 0.06, 0.03)]
    public void A_candidate_that_is_as_bad_as_the_margin_passes_at_most_one_time_in_twenty(int n, double discordance, double margin)
    {
        var passes = PassRate(n, discordance, drop: margin, Floor("maxDrop", margin));
        TestContext.Current.TestOutputHelper?.WriteLine($"{passes:P1} of {Trials} pass");
        Assert.True(passes <= 0.05 + 3 * Math.Sqrt(0.05 * 0.95 / Trials), $"{passes:P1} pass");
    }

    [Theory]
    [InlineData(200, 0.06, 0.05, 0.80)]
    [InlineData(400, 0.06, 0.03, 0.70)]
    public void A_candidate_that_is_as_good_as_the_parent_mostly_passes(int n, double discordance, double margin, double atLeast) =>
        Assert.InRange(PassRate(n, discordance, drop: 0, Floor("maxDrop", margin)), atLeast, 1);

    [Fact]
    public void Comparing_the_bare_values_would_pass_about_every_second_candidate_at_the_margin() =>
        Assert.InRange(PassRate(200, 0.06, drop: 0.05, Floor("maxDrop", 0.05, ", \"mode\": \"point\"")), 0.35, 0.65);

    [Theory]
    [InlineData(100)]
    [InlineData(400)]
    public void Retention_at_its_limit_passes_at_most_one_time_in_twenty(int n)
    {
        // The parent has everything right, so a drop of 0.05 is a retention of 0.95.
        var passes = PassRate(n, 0.05, drop: 0.05, Floor("retention", 0.95));
        Assert.True(passes <= 0.05 + 3 * Math.Sqrt(0.05 * 0.95 / Trials), $"{passes:P1} pass");
    }

    [Fact]
    public void A_planted_drop_is_caught() =>
        Assert.Equal(0, PassRate(400, 0.20, drop: 0.15, Floor("maxDrop", 0.02)));

    [Fact]
    public void A_planted_drop_of_three_points_in_a_thousand_cases_is_caught() =>
        Assert.InRange(Rates(1000, 0.06, drop: 0.03, Floor("maxDrop", 0.02)).Failed, 0.8, 1);

    [Fact]
    public void Two_floors_at_their_limits_are_passed_no_more_often_than_one()
    {
        var passes = PassRate(200, 0.06, drop: 0.05, $"{Floor("maxDrop", 0.05)}, {Floor("retention", 0.95)}");
        Assert.True(passes <= 0.05 + 3 * Math.Sqrt(0.05 * 0.95 / Trials), $"{passes:P1} pass");
    }

    [Fact]
    public void The_parent_against_itself_never_fails()
    {
        using var folder = new TemporaryFolder();
        string[] floors =
        [
            """{ "dimension": "accuracy", "slice": "*", "maxDrop": 0.05, "retention": 0.95, "sliceGap": 0.05 }""",
            """{ "dimension": "flips", "slice": "*", "max": 0.05 }""",
            """{ "dimension": "macro-f1", "slice": "*", "maxDrop": 0.05 }""",
        ];
        var (harness, cases) = HarnessFiles.Create(
            folder, string.Join(", ", floors), ("common", [.. Enumerable.Range(0, 100).Select(index => index % 5)]), ("edge", [.. Enumerable.Range(0, 60).Select(index => index % 3)]));
        var random = new Random(11);
        for (var run = 0; run < 100; run++)
        {
            var share = random.NextDouble();
            var answers = HarnessFiles.Of([.. cases.Labels.Select(label => random.NextDouble() < share ? label : random.Next(10))]);
            var verdict = Gate.Judge(harness, cases, answers, answers, "linux-x64");
            Assert.DoesNotContain(verdict.Checks, check => check.Result > CheckResult.Inconclusive);
        }
    }

    [Theory]
    [InlineData(50, 0.06, 0.05)]
    [InlineData(100, 0.10, 0.05)]
    [InlineData(200, 0.06, 0.05)]
    [InlineData(400, 0.06, 0.03)]
    public void The_exact_chance_of_a_false_pass_is_about_one_in_twenty(int n, double discordance, double margin)
    {
        var (pb, pc) = ((discordance + margin) / 2, (discordance - margin) / 2);
        var chance = 0.0;
        for (var b = 0; b <= Math.Min(n, 100); b++)
        {
            for (var c = 0; c <= Math.Min(n - b, 100); c++)
            {
                if (TangoInterval.LowerBound(b, c, n, 0.95) > -margin) chance += Probability(n, b, c, pb, pc);
            }
        }
        Assert.InRange(chance, 0.001, 0.055);
    }

    private static double Probability(int n, int b, int c, double pb, double pc) => Math.Exp(
        MathNet.Numerics.SpecialFunctions.FactorialLn(n) - MathNet.Numerics.SpecialFunctions.FactorialLn(b)
        - MathNet.Numerics.SpecialFunctions.FactorialLn(c) - MathNet.Numerics.SpecialFunctions.FactorialLn(n - b - c)
        + b * Math.Log(pb) + c * Math.Log(pc) + (n - b - c) * Math.Log(1 - pb - pc));

    private static string Floor(string key, double threshold, string more = "") =>
        $$"""{ "dimension": "accuracy", "slice": "common", "{{key}}": {{threshold}}{{more}} }""";

    /// <summary>Draws the discordant cases at random and lets the whole gate judge.</summary>
    private static double PassRate(int n, double discordance, double drop, string floor) => Rates(n, discordance, drop, floor).Passed;

    private static (double Passed, double Failed) Rates(int n, double discordance, double drop, string floor)
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(folder, floor, ("common", new int[n]));
        var (pb, pc) = ((discordance + drop) / 2, (discordance - drop) / 2);
        var random = new Random(7);
        var (passes, failures) = (0, 0);
        for (var trial = 0; trial < Trials; trial++)
        {
            int b = 0, c = 0;
            for (var i = 0; i < n; i++)
            {
                var draw = random.NextDouble();
                if (draw < pb) b++;
                else if (draw < pb + pc) c++;
            }
            var (parent, candidate) = HarnessFiles.Answers((n - b - c, b, c, 0));
            var result = Gate.Judge(harness, cases, parent, candidate, "linux-x64").Result;
            if (result == CheckResult.Pass) passes++;
            if (result == CheckResult.Fail) failures++;
        }
        return ((double)passes / Trials, (double)failures / Trials);
    }
}
