using PruneBuild.Evaluation.Judging;
using PruneBuild.Pipeline.Tests;

namespace PruneBuild.Worker.Tests;

/// <summary>The command that calibrates judges.</summary>
public sealed class JudgeCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunebuild-judge-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_judge_is_calibrated_by_what_people_labelled()
    {
        using var server = new ChatServer();
        var harness = Write(server.Endpoint);
        var (exitCode, output, error) = WorkerProcess.Command("judge", "calibrate", harness);
        Assert.True(exitCode == 0, error);
        Assert.StartsWith("calibrated helpful on ", output, StringComparison.Ordinal);
        Assert.Contains("  pruned: n=20, kappa 1.000 (", output, StringComparison.Ordinal);
        // Twenty labels of either are fewer than the hundred that count.
        Assert.Contains("PB5045: The judge is not valid: people labelled 20 outputs of pruned models, fewer than 100.", output, StringComparison.Ordinal);
        Assert.Equal(40, JudgeCalibration.Load(Path.Combine(folder, "helpful.json")) is { Parent: { } parent, Pruned: { } pruned } ? parent.Cases + pruned.Cases : 0);
    }

    [Fact]
    public void A_judge_that_does_not_answer_leaves_no_calibration()
    {
        using var server = new ChatServer();
        server.Answer = _ => (200, ChatServer.Completion("maybe"));
        var (exitCode, _, error) = WorkerProcess.Command("judge", "calibrate", Write(server.Endpoint));
        Assert.Equal(1, exitCode);
        Assert.StartsWith("error PB5043: ", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "helpful.json")));
    }

    [Fact]
    public void A_judge_that_the_harness_does_not_have_is_PB1012()
    {
        var (exitCode, _, error) = WorkerProcess.Command("judge", "calibrate", Write("https://judge.example/v1"), "--judge", "other");
        Assert.Equal(1, exitCode);
        Assert.Contains("error PB1012: ", error, StringComparison.Ordinal);
    }

    private string Write(string endpoint)
    {
        File.WriteAllText(Path.Combine(folder, "judge.json"), """{ "version": 1, "model": "judge-1", "rubric": "good", "labels": [ { "label": "pass", "score": 1 }, { "label": "fail", "score": 0 } ] }""");
        File.WriteAllLines(Path.Combine(folder, "labels.jsonl"),
            from role in (string[])["parent", "pruned"]
            from i in Enumerable.Range(0, 20)
            select $$"""{"id":"{{role}}{{i}}","role":"{{role}}","input":"q","output":"{{(i % 2 == 0 ? "good" : "bad")}} {{role}} {{i}}","human":"{{(i % 2 == 0 ? "pass" : "fail")}}","annotator":"person"}""");
        File.WriteAllText(Path.Combine(folder, "cases.jsonl"), """{ "id": "c", "slice": "common", "prompt": "p" }""");
        var harness = Path.Combine(folder, "harness.json");
        File.WriteAllText(harness, $$"""
            { "version": 1, "task": "generation", "generation": { "maxTokens": 4 }, "cases": [ { "jsonl": "cases.jsonl" } ],
              "judges": [ { "name": "helpful", "kind": "chat", "spec": "judge.json", "endpoint": "{{endpoint}}", "labels": "labels.jsonl", "calibration": "helpful.json" } ],
              "floors": [ { "metric": "judge.helpful", "slice": "*", "min": 0.5 } ] }
            """);
        return harness;
    }
}
