using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Probing;
using PruneBuild.Evaluation.Tests.Scorers.Custom;

namespace PruneBuild.Pipeline.Tests;

/// <summary>Outputs, scores, resamples and the gate are kept apart: what runs again after a change, and what does not.</summary>
public sealed class EvaluationCacheTests
{
    private const string Model = "model", Scores = "scores", Resamples = "resamples";

    public static TheoryData<string, string[]> Mutations => new()
    {
        { "floor", [] },
        { "confidence", [] },
        { "policy of a critical case", [] },
        { "map of a scorer", [] },
        { "slice", [Resamples] },
        { "bins of a scorer of samples", [Resamples] },
        { "label", [Scores, Resamples] },
        { "parameter of a scorer", [Scores] },
        { "assembly of a user's scorer", [Scores] },
        { "case", [Model, Scores, Resamples] },
        { "input normalization", [Model, Scores, Resamples] },
        { "batch size", [Model, Scores, Resamples] },
        { "model", [Model, Scores, Resamples] },
        { "tool version", [Model, Scores, Resamples] },
    };

    [Theory]
    [MemberData(nameof(Mutations))]
    public void Only_what_depends_on_a_change_runs_again(string change, string[] again)
    {
        using var project = Project();
        Evaluate(project, project.Request);
        var before = Made(project);
        Assert.Equal((2, 3, 1), before);
        var request = project.Request;
        switch (change)
        {
            case "floor": Edit(project, "\"min\": 0.01", "\"min\": 0.02"); break;
            case "confidence": Edit(project, "\"confidence\": 0.9", "\"confidence\": 0.8"); break;
            case "policy of a critical case": Edit(project, "\"floors\": [", "\"floors\": [ { \"critical\": [\"common.f32#0\"] },"); break;
            case "map of a scorer": Edit(project, "\"zeroAt\": 9", "\"zeroAt\": 8"); break;
            case "slice": Edit(project, "\"slice\": \"common\"", "\"slice\": \"usual\""); break;
            case "bins of a scorer of samples": Edit(project, "ece@10", "ece@15"); break;
            case "label": Change(project, "common.u8"); break;
            case "parameter of a scorer": Edit(project, "top@2", "top@3"); break;
            case "assembly of a user's scorer": ScorerAssembly.Write(Path.Combine(project.Folder, "scorers", "House.dll"), ("house_style", 0.5)); break;
            case "case": Change(project, "common.f32"); break;
            case "input normalization": Edit(project, "\"scale\": 1", "\"scale\": 1.5"); break;
            case "batch size": Edit(project, "\"batchSize\": 64", "\"batchSize\": 7"); break;
            case "model": project.WriteModel(seed: 7); break;
            case "tool version": request = request with { ToolVersion = "other" }; break;
        }
        Evaluate(project, request);
        var after = Made(project);
        Assert.Equal(
            (again.Contains(Model), again.Contains(Scores), again.Contains(Resamples)),
            (after.Outputs > before.Outputs, after.Scores > before.Scores, after.Resamples > before.Resamples));
        if (again is [Scores])
            Assert.Equal(before.Scores + 1, after.Scores);
        Assert.Equal(again.Contains(Model), project.ProgressLines.Exists(line => System.Text.RegularExpressions.Regex.IsMatch(line, @"\d of \d+ cases")));
    }

    [Fact]
    public void What_is_kept_gives_the_same_verdict_as_what_is_taken_anew()
    {
        using var project = Project();
        Evaluate(project, project.Request);
        var path = Path.Combine(Path.GetDirectoryName(project.Request.StampFile)!, "verdict.json");
        var anew = File.ReadAllText(path);
        Evaluate(project, project.Request);
        Assert.Equal(anew, File.ReadAllText(path));
        Assert.Contains(project.ProgressLines, line => line.EndsWith(" 0 scores and resamples taken anew", StringComparison.Ordinal));
    }

    [Fact]
    public void Damaged_scores_and_resamples_are_taken_anew_and_damaged_outputs_are_an_error()
    {
        using var project = Project();
        Evaluate(project, project.Request);
        var path = Path.Combine(Path.GetDirectoryName(project.Request.StampFile)!, "verdict.json");
        var good = File.ReadAllText(path);
        foreach (var file in Directory.EnumerateFiles(project.Request.StagesFolder, "values.bin", SearchOption.AllDirectories).ToList())
        {
            var bytes = File.ReadAllBytes(file);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(file, bytes);
        }
        Evaluate(project, project.Request);
        Assert.Equal(good, File.ReadAllText(path));
        foreach (var file in Directory.EnumerateFiles(project.Request.StagesFolder, "outputs.bin", SearchOption.AllDirectories).ToList())
            File.WriteAllBytes(file, [1, 2, 3]);
        Assert.Equal("PB5001", Assert.Throws<PruneBuildException>(() => Evaluate(project, project.Request)).Code);
    }

    public static TheoryData<string, string[]> ProfileMutations => new()
    {
        { "nothing", [] },
        { "threshold", [] },
        { "confidence", [] },
        { "spread that is allowed", [] },
        { "floor under another profile", [] },
        { "label", [] },
        { "name of a profile", [] },
        { "limits of a profile", ["slow"] },
        { "another profile", ["more"] },
        { "blocks", ["slow", "fast"] },
        { "case", ["slow", "fast"] },
        { "model", ["slow", "fast"] },
        { "threads", ["slow", "fast"] },
    };

    [Theory]
    [MemberData(nameof(ProfileMutations))]
    public void Only_profiles_that_depend_on_a_change_are_measured_again(string change, string[] again)
    {
        using var project = Project("""
            { "metric": "p50", "slice": "*", "maxRatio": 900, "confidence": 0.9, "mode": "point", "profile": "slow" },
                { "dimension": "latency", "slice": "*", "min": 0, "mode": "point" }
            """, """ "profiles": { "slow": { "threads": 1 }, "fast": { "threads": 2 } }, "performance": { "blocks": 4, "maxSpread": 9 }, """);
        Assert.Equal(["slow", "fast"], Measured(project, project.Request));
        var request = project.Request;
        switch (change)
        {
            case "threshold": Edit(project, "\"maxRatio\": 900", "\"maxRatio\": 800"); break;
            case "confidence": Edit(project, "\"confidence\": 0.9", "\"confidence\": 0.8"); break;
            case "spread that is allowed": Edit(project, "\"maxSpread\": 9", "\"maxSpread\": 8"); break;
            case "floor under another profile": Edit(project, "\"profile\": \"slow\"", "\"profile\": \"fast\""); break;
            case "label": Change(project, "common.u8"); break;
            case "name of a profile": Edit(project, "\"fast\": {", "\"rapid\": {"); break;
            case "limits of a profile": Edit(project, "{ \"threads\": 1 }", "{ \"threads\": 1, \"cores\": [0] }"); break;
            case "another profile": Edit(project, "\"fast\": {", "\"more\": { \"threads\": 3 }, \"fast\": {"); break;
            case "blocks": Edit(project, "\"blocks\": 4", "\"blocks\": 5"); break;
            case "case": Change(project, "common.f32"); break;
            case "model": project.WriteModel(seed: 7); break;
            case "threads": request = request with { Threads = 3 }; break;
        }
        Assert.Equal(again, Measured(project, request));
        // Not even a resample of what was measured.
        if (change is "nothing" or "threshold" or "confidence" or "spread that is allowed")
            Assert.Contains(project.ProgressLines, line => line.EndsWith(" 0 scores and resamples taken anew", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_profile_of_the_matrix_is_measured_although_no_floor_asks()
    {
        using var project = Project("""{ "dimension": "accuracy", "slice": "*", "min": 0.1 }""", """ "profiles": { "slow": { "threads": 1 }, "fast": {} }, "performance": { "blocks": 2 }, """);
        Assert.Equal(["slow", "fast"], Measured(project, project.Request));
        Assert.Equal([("slow", MeasurementState.Measured), ("fast", MeasurementState.Measured)], Statements(project));
    }

    [Fact]
    public void Only_what_this_machine_can_run_is_measured_unless_the_harness_takes_it_as_a_proxy()
    {
        using var project = Project("""{ "metric": "p90", "slice": "*", "max": 900000, "mode": "point" }""", """ "performance": { "blocks": 2, "allowProxy": false }, """);
        var other = project.Request with { Rid = Other };
        Assert.Empty(Measured(project, other));
        var diagnostic = Assert.Single(Told(project));
        Assert.Equal(("PB4004", $"[{Other}] p90 on 'common' has no value: {TinyProject.HostRid} cannot measure what is made for {Other}"), (diagnostic.Code, diagnostic.Message));
        Edit(project, "\"allowProxy\": false", "\"allowProxy\": true");
        Assert.Equal([""], Measured(project, other));
        Assert.Empty(Told(project));
        Assert.Equal([("", MeasurementState.Proxy)], Statements(project));
    }

    [Fact]
    public void What_a_device_measured_of_this_artifact_is_imported_until_it_is_too_old()
    {
        using var project = Project("""{ "metric": "p90", "slice": "*", "max": 900000, "mode": "point" }""", """ "performance": { "blocks": 2, "maxAgeDays": 10 }, """);
        // As if this machine were the device.
        Assert.Equal([""], Measured(project, project.Request));
        var stored = Directory.EnumerateFiles(project.Request.StagesFolder, "record.json", SearchOption.AllDirectories).Single();
        var device = Path.Combine(project.Folder, "device.json");
        new PerformanceFile([.. PerformanceFile.Load(stored).Records.Select(record => record with { Rid = Other })]).Save(device);
        var request = project.Request with { Rid = Other, Measurements = [device] };

        Assert.Empty(Measured(project, request));
        Assert.Empty(Told(project));
        Assert.Equal([("", MeasurementState.Imported)], Statements(project));

        Assert.Empty(Measured(project, request, days: 11));
        Assert.Contains("'device.json' does not count: it is 11 days old, at most 10 are allowed", Assert.Single(Told(project)).Message, StringComparison.Ordinal);

        StageRunner.Run("package", request, project, CancellationToken.None, probe: Probe([]));
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        Assert.True(Stamp.IsCurrent(request.StampFile, request, today));
        Assert.False(Stamp.IsCurrent(request.StampFile, request, today.AddDays(11)));

        project.WriteModel(seed: 7);
        Assert.Empty(Measured(project, request));
        Assert.Contains("'device.json' does not count: it is of another artifact", Assert.Single(Told(project)).Message, StringComparison.Ordinal);
        File.AppendAllText(device, " ");
        File.WriteAllText(device, File.ReadAllText(device).Replace("\"state\"", "\"status\"", StringComparison.Ordinal));
        Assert.Equal("PB5042", Assert.Throws<PruneBuildException>(() => { Measured(project, request); }).Code);
    }

    [Fact]
    public void An_artifact_that_is_yet_to_be_measured_can_be_built_on_purpose()
    {
        using var project = Project("""{ "metric": "p90", "slice": "*", "max": 900000 }""");
        Assert.False(project.Build(project.Request with { Rid = Other }));
        Assert.True(project.Build(project.Request with { Rid = Other, Inconclusive = "warn" }));
        Assert.Equal("PB4004", Assert.Single(project.Diagnostics, one => one.Code.StartsWith("PB4", StringComparison.Ordinal)).Code);
        Assert.Equal("inconclusive", Runtime.ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, "manifest.json")).Verdict);
    }

    private static string Other => TinyProject.HostRid == "linux-arm64" ? "linux-x64" : "linux-arm64";

    private static IReadOnlyList<(string Name, MeasurementState State)> Statements(TinyProject project) =>
        [.. Verdict.Load(EvaluateStage.VerdictPath(project.Request), project.HarnessPath).Profiles!.Select(profile => (profile.Name, profile.State))];

    private static IReadOnlyList<string> Measured(TinyProject project, WorkRequest request, int days = 0)
    {
        project.Diagnostics.Clear();
        project.ProgressLines.Clear();
        List<string> started = [];
        StageRunner.Run("evaluate", request, project, CancellationToken.None, new Later(days), Probe(started));
        return [.. started.Where((_, index) => index % 2 == 0)];
    }

    // Both dimensions of the harness are there for their scorers.
    private static IEnumerable<Diagnostic> Told(TinyProject project) => project.Diagnostics.Where(one => one.Code != "PB1201");

    // Parent and candidate in this process, under no limit.
    private static StartProbe Probe(List<string> started) => (profile, job, _) =>
    {
        started.Add(profile.Name);
        return new LocalProbe(job);
    };

    private sealed class Later(int days) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow.AddDays(days);
    }

    private static TinyProject Project(string? floors = null, string more = "")
    {
        var project = new TinyProject();
        ScorerAssembly.Write(Path.Combine(project.Folder, "scorers", "House.dll"), ("house_style", 0.75));
        project.WriteRecipe("""{ "version": 1 }""");
        floors ??= """
            { "metric": "top@2", "slice": "*", "min": 0.01, "confidence": 0.9 },
                { "metric": "ece@10", "slice": "*", "max": 0.99, "mode": "point" },
                { "dimension": "sureness", "slice": "*", "min": 0.01 },
                { "metric": "house_style", "slice": "*", "min": 0.1 }
            """;
        File.WriteAllText(project.HarnessPath, $$"""
            {
              "version": 1, "task": "classification", "classes": {{TinyProject.Classes}}, "batchSize": 64,
              "input": { "elementType": "float32", "shape": [{{TinyProject.Inputs}}], "layout": "none", "scale": 1 },
              "cases": [ { "slice": "common", "tensors": "common.f32", "labels": "common.u8" } ],
              "scorers": "scorers/House.dll",{{more}}
              "dimensions": [
                { "name": "sureness", "scorers": [ { "scorer": "log_loss", "zeroAt": 9, "oneAt": 0 } ] },
                { "name": "latency", "scorers": [ { "scorer": "p90", "target": 1000, "limit": 100000 } ] }
              ],
              "floors": [
                {{floors}}
              ]
            }
            """);
        return project;
    }

    private static void Evaluate(TinyProject project, WorkRequest request)
    {
        project.Diagnostics.Clear();
        project.ProgressLines.Clear();
        StageRunner.Run("evaluate", request, project, CancellationToken.None);
    }

    private static (int Outputs, int Scores, int Resamples) Made(TinyProject project) =>
        (project.Stages("parent").Count + project.Stages("candidate").Count, project.Stages("scores").Count, project.Stages("resamples").Count);

    private static void Edit(TinyProject project, string from, string to)
    {
        var text = File.ReadAllText(project.HarnessPath);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(project.HarnessPath, text.Replace(from, to, StringComparison.Ordinal));
    }

    private static void Change(TinyProject project, string name)
    {
        var path = Path.Combine(project.Folder, name);
        var bytes = File.ReadAllBytes(path);
        bytes[0] = (byte)(bytes[0] == 1 ? 2 : 1);
        File.WriteAllBytes(path, bytes);
    }
}
