namespace PruneBuild.Evaluation.Tests.Locking;

/// <summary>A missed floor is accepted for a time.</summary>
public class WaiverTests
{
    private static readonly DateOnly LastDay = new(2026, 12, 31);

    [Theory]
    [InlineData(0, CheckResult.Waived, "PB4005", Diagnostics.Severity.Warning)]
    [InlineData(1, CheckResult.Fail, "PB4006", Diagnostics.Severity.Error)]
    public void A_missed_floor_is_waived_up_to_the_last_day(int daysLater, CheckResult expected, string code, Diagnostics.Severity severity)
    {
        using var folder = new TemporaryFolder();
        var verdict = Waivers.Apply(Judge(folder, 0.9), Waive(folder, "accuracy/*/min"), LastDay.AddDays(daysLater));

        var diagnostic = Assert.Single(verdict.ToDiagnostics());

        Assert.Equal(expected, verdict.Result);
        Assert.Equal((code, severity), (diagnostic.Code, diagnostic.Severity));
        Assert.EndsWith(daysLater == 0 ? "; waived until 2026-12-31: new parent comes" : "; its waiver ended on 2026-12-31", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_undecided_floor_with_a_waiver_that_is_over_is_an_error_whatever_the_policy()
    {
        using var folder = new TemporaryFolder();
        var verdict = Waivers.Apply(Judge(folder, 0.79), Waive(folder, "accuracy/*/min"), LastDay.AddDays(1));
        var diagnostic = Assert.Single(verdict.ToDiagnostics(InconclusivePolicy.Warn));
        Assert.Equal((CheckResult.Inconclusive, "PB4006", Diagnostics.Severity.Error), (verdict.Result, diagnostic.Code, diagnostic.Severity));
    }

    [Fact]
    public void The_waiver_of_another_floor_or_harness_helps_nothing()
    {
        using var folder = new TemporaryFolder();
        var verdict = Judge(folder, 0.9);
        Assert.Equal(verdict, Waivers.Apply(verdict, Waive(folder, "accuracy/*/maxDrop"), LastDay) with { Checks = verdict.Checks });
        Assert.Equal(CheckResult.Fail, Waivers.Apply(verdict, Waive(folder, "accuracy/*/min", "other.json"), LastDay).Result);
    }

    [Fact]
    public void A_cleared_floor_needs_no_waiver()
    {
        using var folder = new TemporaryFolder();
        var verdict = Waivers.Apply(Judge(folder, 0.5), Waive(folder, "accuracy/*/min"), LastDay.AddDays(99));
        Assert.Equal(CheckResult.Pass, verdict.Result);
        Assert.Empty(verdict.ToDiagnostics());
    }

    [Fact]
    public void What_could_not_be_measured_cannot_be_waived()
    {
        using var folder = new TemporaryFolder();
        var verdict = Waivers.Apply(Judge(folder, 0.9, ", \"minCases\": 1000"), Waive(folder, "accuracy/*/min"), LastDay);
        Assert.Equal(CheckResult.NotMeasured, verdict.Result);
        Assert.Equal("PB4004", Assert.Single(verdict.ToDiagnostics()).Code);
    }

    [Fact]
    public void A_stored_verdict_keeps_the_waiver()
    {
        using var folder = new TemporaryFolder();
        var verdict = Waivers.Apply(Judge(folder, 0.9), Waive(folder, "accuracy/*/min"), LastDay);
        verdict.Save(folder["verdict.json"]);
        Assert.Equal(new FloorWaiver("2026-12-31", "new parent comes"), Assert.Single(Verdict.Load(folder["verdict.json"], "harness.json").Checks).Waiver);
    }

    private static Verdict Judge(TemporaryFolder folder, double min, string more = "")
    {
        var (harness, cases) = HarnessFiles.Create(folder, $$"""{ "dimension": "accuracy", "slice": "*", "min": {{min}}{{more}} }""", ("common", new int[100]));
        var (parent, candidate) = HarnessFiles.Answers((80, 5, 0, 15));
        return Gate.Judge(harness, cases, parent, candidate, "linux-x64");
    }

    private static Ledger Waive(TemporaryFolder folder, string floor, string harness = "harness.json")
    {
        File.Delete(folder["ledger.jsonl"]);
        return Ledger.Load(folder["ledger.jsonl"]).Append(
            new LedgerEntry("2026-11-28", harness, LedgerKind.Waive) { Floor = floor, Reason = "new parent comes", Until = "2026-12-31" });
    }
}
