using PruneBuild.Diagnostics;

namespace PruneBuild.Pipeline.Tests;

public sealed class GateTests
{
    private const string Ruinous =
        """{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.995, "protectFirstLast": false }, "quantize": { "precision": "int8" } }""";

    [Fact]
    public void A_missed_floor_is_PB4001_at_the_floors_own_line_and_column()
    {
        using var project = new TinyProject();
        project.WriteRecipe(Ruinous);
        Assert.False(project.Build());
        var line = Array.FindIndex(File.ReadAllLines(project.HarnessPath), text => text.Contains("\"min\"", StringComparison.Ordinal));
        var column = File.ReadAllLines(project.HarnessPath)[line].IndexOf("0.90", StringComparison.Ordinal);
        var missed = project.Diagnostics.First(diagnostic => diagnostic.Code == "PB4001");
        Assert.Equal((project.HarnessPath, line + 1, column + 1), (missed.File, missed.Line, missed.Column));
        Assert.StartsWith($"[{TinyProject.HostRid}] accuracy on 'common' ", missed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_gate_fails_again_without_running_a_model()
    {
        using var project = new TinyProject();
        project.WriteRecipe(Ruinous);
        Assert.False(project.Build());
        var first = project.Diagnostics.Select(diagnostic => diagnostic.ToString()).ToList();
        Assert.False(project.Build());
        Assert.Equal(first, project.Diagnostics.Select(diagnostic => diagnostic.ToString()));
        Assert.DoesNotContain(project.ProgressLines, line => line.Contains("cases", StringComparison.Ordinal));
    }

    [Fact]
    public void The_last_good_artifact_survives_a_failed_gate()
    {
        using var project = new TinyProject();
        Assert.True(project.Build());
        var good = TinyProject.Snapshot(project.Request.ArtifactFolder);
        project.WriteRecipe(Ruinous);
        Assert.False(project.Build());
        Assert.Equal(good, TinyProject.Snapshot(project.Request.ArtifactFolder));
    }

    [Fact]
    public void A_failed_gate_is_not_packaged_even_when_only_that_stage_is_asked_for()
    {
        using var project = new TinyProject();
        project.WriteRecipe(Ruinous);
        project.Build();
        project.Diagnostics.Clear();
        StageRunner.Run("package", project.Request, project, default);
        Assert.Contains(project.Diagnostics, diagnostic => diagnostic.Severity == Severity.Error);
        Assert.False(Directory.Exists(project.Request.ArtifactFolder));
        Assert.False(File.Exists(project.Request.StampFile));
    }

    [Fact]
    public void A_changed_floor_is_judged_without_running_a_model()
    {
        using var project = new TinyProject();
        Assert.True(project.Build());
        project.WriteHarness("""{ "dimension": "accuracy", "slice": "common", "min": 0.5 }""");
        Assert.True(project.Build());
        Assert.DoesNotContain(project.ProgressLines, line => line.Contains("cases", StringComparison.Ordinal));
    }

    [Fact]
    public void Too_few_cases_are_inconclusive_and_the_policy_decides()
    {
        using var project = new TinyProject();
        project.WriteCases("common", seed: 2, 20);
        project.WriteHarness("""{ "dimension": "accuracy", "slice": "common", "min": 0.95, "mode": "interval" }""");
        Assert.False(project.Build());
        Assert.Equal("PB4002", Assert.Single(project.Diagnostics).Code);
        Assert.True(project.Build(project.Request with { Inconclusive = "warn" }));
        Assert.Equal(Severity.Warning, project.Diagnostics[0].Severity);
    }
}
