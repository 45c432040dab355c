using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Tests.Gating;

/// <summary>Floors under resource profiles, by figures that are given.</summary>
public class ProfileFloorTests
{
    private const int Cases = 40;
    private const string Two = """ "profiles": { "low": { "threads": 1 }, "high": {} }, """;

    [Theory]
    [InlineData(0.60, 0.02, CheckResult.Pass)]
    [InlineData(0.95, 0.02, CheckResult.Fail)]
    [InlineData(0.80, 0.05, CheckResult.Inconclusive)]
    [InlineData(0.801, 0.05, CheckResult.Inconclusive)]
    public void A_ratio_is_missed_or_cleared_only_where_its_interval_does_not_hold_the_limit(double ratio, double noise, CheckResult expected)
    {
        var check = Assert.Single(Judge("""{ "metric": "p50", "slice": "*", "maxRatio": 0.8 }""", "", Record("", ratio, noise)).Checks);
        Assert.Equal(expected, check.Result);
        Assert.InRange(check.Estimate, ratio - 0.05, ratio + 0.05);
        Assert.InRange(check.Estimate, check.OtherBound!.Value, check.Bound);
        Assert.Equal((MeasurementState.Measured, null, Cases), (check.State, check.Profile, check.Cases));
    }

    [Fact]
    public void An_interval_that_holds_the_limit_says_that_it_is_too_noisy()
    {
        var verdict = Judge("""{ "metric": "p50", "slice": "*", "maxRatio": 0.8 }""", Two, Record("low", 0.6, 0), Record("high", 0.8, 0.05));
        Assert.StartsWith("[linux-x64/low] p50 on 'common' ratio 0.600 to the dense parent, allowed 0.800 (95% upper bound 0.6", verdict.Checks[0].Message, StringComparison.Ordinal);
        Assert.Matches(@"^\[linux-x64/high\] p50 on 'common' ratio .*; too noisy to decide: the interval from 0\.\d+ to 0\.\d+ holds the limit$", verdict.Checks[1].Message);
        Assert.Equal(["PB4002"], verdict.ToDiagnostics().Select(one => one.Code));
    }

    [Fact]
    public void Times_that_spread_too_much_decide_nothing_unless_the_estimate_does()
    {
        var noisy = Record("", 3, 0.5);
        var check = Assert.Single(Judge("""{ "metric": "p50", "slice": "*", "maxRatio": 0.8 }""", "", noisy).Checks);
        Assert.Equal(CheckResult.Inconclusive, check.Result);
        Assert.Contains("too noisy to decide: times on the same input spread by", check.Message, StringComparison.Ordinal);
        Assert.Equal(CheckResult.Fail, Assert.Single(Judge("""{ "metric": "p50", "slice": "*", "maxRatio": 0.8, "mode": "point" }""", "", noisy).Checks).Result);
        Assert.Equal(CheckResult.Fail, Assert.Single(Judge("""{ "metric": "p50", "slice": "*", "maxRatio": 0.8 }""", """ "performance": { "maxSpread": 9 }, """, noisy).Checks).Result);
    }

    [Fact]
    public void What_is_measured_is_judged_under_every_profile_and_answers_once()
    {
        var verdict = Judge(
            """
            { "metric": "p90", "slice": "*", "max": 100 }, { "metric": "p90", "slice": "*", "max": 90, "profile": "high" },
            { "dimension": "accuracy", "slice": "*", "min": 0.5 }, { "dimension": "accuracy", "slice": "*", "min": 0.4, "profile": "low" }, { "metric": "bytes", "slice": "common", "max": 9 }
            """,
            Two, Record("low", 0.5, 0), Record("high", 0.5, 0));
        Assert.Equal(
            [("p90", "low"), ("p90", "high"), ("p90", "high"), ("accuracy", null), ("accuracy", "low"), ("bytes", null)],
            verdict.Checks.Select(check => (check.Dimension, check.Profile)));
        Assert.All(verdict.Checks, check => Assert.Equal(CheckResult.Pass, check.Result));
        Assert.StartsWith("[linux-x64/low] accuracy on 'common' ", verdict.Checks[4].Message, StringComparison.Ordinal);
        Assert.Equal(["low", "high"], verdict.Scores!.Where(score => score is { Name: "p90", Slice: "*" }).Select(score => score.Profile));
    }

    [Fact]
    public void Load_time_and_memory_are_of_the_model_and_judged_once_a_profile()
    {
        var checks = Judge(
            """{ "metric": "load", "maxRatio": 0.9 }, { "metric": "peak_memory", "max": 1000 }, { "metric": "first_inference", "slice": "common", "max": 1 }""",
            Two, Record("low", 0.5, 0), Record("high", 0.5, 0)).Checks;
        Assert.Equal(
            [("load", "low", "*", CheckResult.Pass), ("load", "high", "*", CheckResult.Pass), ("peak_memory", "low", "*", CheckResult.Pass), ("peak_memory", "high", "*", CheckResult.Pass),
             ("first_inference", "low", "common", CheckResult.Fail), ("first_inference", "high", "common", CheckResult.Fail)],
            checks.Select(check => (check.Dimension, check.Profile!, check.Slice, check.Result)));
        Assert.Equal((0.5, 3), (checks[0].Estimate, checks[0].Cases));
        Assert.Equal((500.0, 1000.0, "exact"), (checks[2].Candidate, checks[2].Parent, checks[2].Method));
    }

    [Fact]
    public void A_floor_that_nobody_could_measure_is_PB4004_and_a_warning_where_undecided_floors_are()
    {
        var verdict = Judge("""{ "metric": "p50", "slice": "*", "maxRatio": 0.8 }""", "", PerformanceRecord.NotMeasured(ResourceProfile.Unlimited, "linux-x64", "win-x64 cannot measure it"));
        var check = Assert.Single(verdict.Checks);
        Assert.Equal((CheckResult.NotMeasured, MeasurementState.NotMeasured), (check.Result, check.State));
        Assert.Equal("[linux-x64] p50 on 'common' has no value: win-x64 cannot measure it", check.Message);
        Assert.Equal(("PB4004", Severity.Error), verdict.ToDiagnostics().Select(one => (one.Code, one.Severity)).Single());
        Assert.Equal(("PB4004", Severity.Warning), verdict.ToDiagnostics(InconclusivePolicy.Warn).Select(one => (one.Code, one.Severity)).Single());
    }

    [Theory]
    [InlineData(MeasurementState.Proxy, "proxy: measured on linux-arm64")]
    [InlineData(MeasurementState.Imported, "imported from board.json")]
    public void Figures_of_another_machine_say_so(MeasurementState state, string reason)
    {
        var check = Assert.Single(Judge("""{ "metric": "p50", "slice": "*", "maxRatio": 0.8 }""", "", Record("", 0.5, 0) with { State = state, Reason = reason }).Checks);
        Assert.Equal((CheckResult.Pass, state), (check.Result, check.State));
        Assert.EndsWith($", n=40, {reason})", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_does_not_run_under_the_profile_has_no_value_and_the_candidates_own_does_not_need_the_parents()
    {
        const string floors = """{ "metric": "p50", "slice": "*", "max": 20 }, { "metric": "p50", "slice": "*", "maxRatio": 0.8 }""";
        var fits = Record("", 0.5, 0);
        var parentTooLarge = Judge(floors, "", fits with { Parent = new ModelFigures { Failure = "it takes 9 bytes" } }).Checks;
        Assert.Equal([CheckResult.Pass, CheckResult.Error], parentTooLarge.Select(check => check.Result));
        Assert.EndsWith("has no value: it takes 9 bytes", parentTooLarge[1].Message, StringComparison.Ordinal);
        Assert.All(Judge(floors, "", fits with { Candidate = new ModelFigures { Failure = "it takes 9 bytes" } }).Checks, check => Assert.Equal(CheckResult.Error, check.Result));
    }

    [Fact]
    public void The_verdict_keeps_profiles_states_and_limits()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Load(folder, """{ "metric": "p50", "slice": "*", "maxRatio": 0.8 }""", Two);
        var low = Record("low", 0.5, 0) with { Machine = "board", Limits = [new EmulatedLimit("threads", true, "options"), new EmulatedLimit("cpuQuota", false, "no group is writable")] };
        var verdict = Verdict(harness, cases, low, Record("high", 0.5, 0) with { State = MeasurementState.Imported, Reason = "imported from board.json" });
        verdict.Save(folder["verdict.json"]);
        var loaded = Evaluation.Verdict.Load(folder["verdict.json"], harness.File);
        Assert.Equal(verdict.Checks, loaded.Checks);
        Assert.Equal([("low", MeasurementState.Measured), ("high", MeasurementState.Imported)], loaded.Profiles!.Select(profile => (profile.Name, profile.State)));
        Assert.Equal((0.5, "board"), (loaded.Profiles![0].Latency!.Ratio, loaded.Profiles[0].Machine));
        Assert.Equal(low.Limits, loaded.Profiles[0].Limits);
        var warning = Assert.Single(ProfileDiagnostics.Of(loaded, harness));
        Assert.Equal(
            ("PB5050", Severity.Warning, "[linux-x64] cpuQuota of profile 'low' does not hold on this machine: no group is writable.", harness.Profiles[0].Location.Line),
            (warning.Code, warning.Severity, warning.Message, warning.Line));
    }

    [Fact]
    public void A_ratio_of_a_loss_is_resampled_by_cases()
    {
        double[] parent = [.. Enumerable.Range(0, 100).Select(i => 1 + (i % 5 / 10.0))];
        var (harness, cases) = HarnessFiles.CreateClustered(new TemporaryFolder(), """{ "metric": "log_loss", "slice": "*", "maxRatio": 1.2 }""", [.. parent.Select(_ => ("common", (string?)null))]);
        FloorCheck Ratio(double factor) => Assert.Single(Gate.Judge(
            harness, cases, [new MeanMeasurement(harness.Subject(harness.Floors[0]), parent, [.. parent.Select(value => factor * value)])], "linux-x64"));
        Assert.Equal((CheckResult.Pass, CheckResult.Fail), (Ratio(1.05).Result, Ratio(1.3).Result));
    }

    private static Verdict Judge(string floors, string more, params PerformanceRecord[] records)
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Load(folder, floors, more);
        return Verdict(harness, cases, records);
    }

    private static Verdict Verdict(Harness harness, CaseSet cases, params PerformanceRecord[] records)
    {
        var outputs = new ModelOutputs([.. Enumerable.Range(0, Cases).Select(_ => (float[])[1, 0])]);
        return Gate.Judge(harness, cases, new EvaluatedModels(outputs, outputs) { Bytes = (9, 8), Performance = () => records }, "linux-x64").Verdict;
    }

    private static (Harness Harness, CaseSet Cases) Load(TemporaryFolder folder, string floors, string more)
    {
        folder.Write("common.u8", new byte[Cases]);
        folder.Write("common.labels.u8", new byte[Cases]);
        var json = HarnessFiles.Json("""{ "slice": "common", "tensors": "common.u8", "labels": "common.labels.u8" }""", floors, classes: 2)
            .Replace("\"cases\"", $"{more} \"cases\"", StringComparison.Ordinal);
        var harness = Harness.Load(folder.Write("harness.json", json));
        return (harness, CaseSet.Load(harness));
    }

    /// <summary>A parent of 10 ms and a candidate of so much of it, both with noise on every inference.</summary>
    private static PerformanceRecord Record(string profile, double ratio, double noise)
    {
        var random = new Random(5);
        double[] Times(double seconds) => [.. Enumerable.Range(0, 2 * Cases).Select(_ => seconds * (1 + (noise * (random.NextDouble() + random.NextDouble() - 1))))];
        return new PerformanceRecord("linux-x64", profile, MeasurementState.Measured)
        {
            Blocks = [.. Enumerable.Range(0, Cases)],
            Parent = new ModelFigures { Seconds = Times(0.01), LoadSeconds = [2, 3, 4], FirstSeconds = [1, 1, 1], PeakResidentBytes = 1000 },
            Candidate = new ModelFigures { Seconds = Times(0.01 * ratio), LoadSeconds = [1, 1.5, 2], FirstSeconds = [1, 1, 1], PeakResidentBytes = 500 },
        };
    }
}
