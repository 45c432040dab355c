using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline.Tests;

/// <summary>A build with a lock and a ledger beside the harness.</summary>
public sealed class LockedHarnessTests
{
    private const string Strict = """{ "dimension": "accuracy", "slice": "common", "min": 0.90, "maxDrop": 0.05 }""";
    private const string Loose = """{ "dimension": "accuracy", "slice": "common", "min": 0.50, "maxDrop": 0.05 }""";
    private const string OutOfReach = """{ "dimension": "accuracy", "slice": "common", "min": 0.50, "minImprovement": 0.02 }""";

    private static readonly DateOnly Today = new(2026, 11, 28);

    [Fact]
    public void A_locked_harness_builds_and_the_verdict_names_the_lock()
    {
        using var project = new TinyProject();
        var locked = Lock(project);
        Assert.True(project.Build());
        var verdict = Verdict.Load(Path.Combine(project.Request.ArtifactFolder, "verdict.json"), project.HarnessPath);
        Assert.Equal(locked.Seal, verdict.Lock);
        Assert.Equal(1.0, locked.Parent[0].Scores["accuracy"]);
    }

    [Fact]
    public void A_relaxed_floor_ends_the_build_before_anything_is_pruned()
    {
        using var project = new TinyProject();
        Lock(project);
        project.WriteHarness(Loose);
        Assert.False(project.Build());
        Assert.Equal("PB4201", Assert.Single(project.Diagnostics).Code);
        Assert.Empty(project.Stages("prune"));
    }

    [Fact]
    public void A_relaxed_floor_is_not_packaged_even_when_only_that_stage_is_asked_for()
    {
        using var project = new TinyProject();
        Lock(project);
        project.WriteHarness(Loose);
        StageRunner.Run("package", project.Request, project, default);
        Assert.Equal("PB4201", Assert.Single(project.Diagnostics).Code);
        Assert.False(Directory.Exists(project.Request.ArtifactFolder));
    }

    [Fact]
    public void A_relaxed_floor_cannot_be_locked_anew()
    {
        using var project = new TinyProject();
        Lock(project);
        project.WriteHarness(Loose);
        File.Delete(HarnessLock.PathOf(project.HarnessPath));
        var (locked, obstacles) = HarnessLocking.Lock(project.HarnessPath, project.ModelPath, "test", Today, 1, default);
        Assert.Null(locked);
        Assert.Equal("PB4201", Assert.Single(obstacles).Code);
    }

    [Fact]
    public void A_weaker_dense_parent_is_noticed()
    {
        using var project = new TinyProject();
        Lock(project);
        project.WriteModel(seed: 9);
        Assert.False(project.Build());
        Assert.Equal("PB4203", Assert.Single(project.Diagnostics).Code);
    }

    [Fact]
    public void A_waived_floor_ships_as_waived_until_its_last_day()
    {
        using var project = new TinyProject();
        project.WriteHarness(OutOfReach);
        Assert.False(project.Build());
        Waive(project, "accuracy/common/minImprovement", "2026-12-31");
        var clock = new Clock(new DateTimeOffset(2026, 12, 31, 23, 0, 0, TimeSpan.Zero));

        EvaluateAndPackage(project, clock);

        Assert.Equal(("PB4005", Severity.Warning), (Assert.Single(project.Diagnostics).Code, project.Diagnostics[0].Severity));
        Assert.Contains("\"verdict\": \"waived\"", File.ReadAllText(Path.Combine(project.Request.ArtifactFolder, "manifest.json")), StringComparison.Ordinal);
        Assert.Contains("\"validUntil\": \"2026-12-31\"", File.ReadAllText(project.Request.StampFile), StringComparison.Ordinal);

        EvaluateAndPackage(project, new Clock(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)));

        Assert.Equal(("PB4006", Severity.Error), (Assert.Single(project.Diagnostics).Code, project.Diagnostics[0].Severity));
    }

    [Fact]
    public void A_broken_ledger_ends_the_build_at_its_line()
    {
        using var project = new TinyProject();
        Lock(project);
        Waive(project, "accuracy/common/min", "2026-12-31");
        var path = Ledger.PathOf(project.HarnessPath);
        File.WriteAllText(path, File.ReadAllText(path).Replace("2026-12-31", "2036-12-31", StringComparison.Ordinal));
        var failure = Assert.Throws<PruneBuildException>(() => project.Build());
        Assert.Equal(("PB4205", path, 2), (failure.Code, failure.Diagnostic.File, failure.Diagnostic.Line));
    }

    private static HarnessLock Lock(TinyProject project)
    {
        project.WriteHarness(Strict);
        var (locked, obstacles) = HarnessLocking.Lock(project.HarnessPath, project.ModelPath, "test", Today, 1, default);
        Assert.Empty(obstacles);
        return locked!;
    }

    private static void Waive(TinyProject project, string floor, string until) => Ledger.Load(Ledger.PathOf(project.HarnessPath)).Append(
        new LedgerEntry("2026-11-28", "harness.json", LedgerKind.Waive) { Floor = floor, Reason = "new parent comes", Until = until });

    private static void EvaluateAndPackage(TinyProject project, TimeProvider clock)
    {
        project.Diagnostics.Clear();
        StageRunner.Run("evaluate", WorkRequest.Load(project.RequestPath), project, default, clock);
        if (project.Diagnostics.TrueForAll(diagnostic => diagnostic.Severity == Severity.Warning))
            StageRunner.Run("package", WorkRequest.Load(project.RequestPath), project, default, clock);
    }

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
