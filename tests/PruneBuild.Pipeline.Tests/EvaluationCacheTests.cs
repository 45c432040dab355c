using PruneBuild.Diagnostics;
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

    [Fact]
    public void Times_are_taken_once_and_only_of_what_this_machine_can_run()
    {
        using var project = Project("""{ "dimension": "latency", "slice": "*", "min": 0.5 }""");
        Evaluate(project, project.Request);
        Assert.Empty(project.Diagnostics);
        Assert.Single(project.Stages("times"));
        Evaluate(project, project.Request);
        Assert.Single(project.Stages("times"));
        var other = TinyProject.HostRid == "linux-arm64" ? "linux-x64" : "linux-arm64";
        Evaluate(project, project.Request with { Rid = other });
        var diagnostic = Assert.Single(project.Diagnostics);
        Assert.Equal("PB4008", diagnostic.Code);
        Assert.EndsWith($"p90: {TinyProject.HostRid} cannot time what is made for {other}", diagnostic.Message, StringComparison.Ordinal);
    }

    private static TinyProject Project(string? floors = null)
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
              "scorers": "scorers/House.dll",
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
