using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Judging;
using PruneBuild.Tests;
using PruneBuild.Tests.Generation;

namespace PruneBuild.Pipeline.Tests;

/// <summary>A folder with a language model of random weights that writes letters, and a harness of what it writes.</summary>
internal sealed class WritingProject : IDisposable
{
    public const int Cases = 12;

    private readonly TinyProject project = new();

    public WritingProject()
    {
        TinyCheckpoint.Of("llama").Write(ModelFolder);
        TinyModel.WriteTokenizer(ModelFolder);
        WriteCases("""{ "type": "not-contains", "value": "7", "dim": "factuality" }""");
        project.WriteRecipe("""{ "version": 1, "quantize": { "precision": "int8" } }""");
        WriteHarness();
    }

    public TinyProject Project => project;

    public string ModelFolder => Path.Combine(project.Folder, "assistant");

    public string VerdictPath => Path.Combine(Path.GetDirectoryName(project.Request.StampFile)!, "verdict.json");

    public Verdict Verdict => Verdict.Load(VerdictPath, project.HarnessPath);

    public WorkRequest Request => project.Request with { Model = ModelFolder };

    /// <summary>What parent or candidate wrote, as it is kept.</summary>
    public WrittenTexts Texts(string role) => WrittenTexts.Load(Path.Combine(project.Request.StagesFolder, Assert.Single(project.Stages(role)), "texts.jsonl"))!;

    /// <summary>Cases of one check each.</summary>
    public void WriteCases(params string[] checks) => File.WriteAllLines(
        Path.Combine(project.Folder, "cases.jsonl"),
        Enumerable.Range(0, Cases).Select(i => $$"""{ "id": "c{{i}}", "slice": "common", "prompt": "{{(char)('a' + i)}} b", "expect": [ {{checks[i % checks.Length]}} ], "reference": "a b c" }"""));

    public void WriteHarness(string floors = """{ "dimension": "factuality", "slice": "*", "min": 0.5, "mode": "point" }""", string judges = "", string dimensions = """{ "name": "factuality" }""", int maxTokens = 6) =>
        File.WriteAllText(project.HarnessPath, $$"""
            {
              "version": 1, "task": "generation", "generation": { "maxTokens": {{maxTokens}} },
              "cases": [ { "jsonl": "cases.jsonl" } ],{{judges}}
              "dimensions": [ {{dimensions}} ],
              "floors": [
                {{floors}}
              ]
            }
            """);

    /// <summary>A harness with a judge behind a server, whose labels people share: what begins with "bad" fails.</summary>
    public void WriteJudged(string endpoint, string rubric = "it is good", double timeout = 20, string more = "") => WriteJudgedBy($"""
        "kind": "chat", "endpoint": "{endpoint}"{more}
        """, rubric, timeout, "judge-1");

    public void WriteJudgedBy(string kind, string rubric, double timeout, string model)
    {
        File.WriteAllText(Path.Combine(project.Folder, "judge.json"), FormattableString.Invariant($$"""
            { "version": 1, "model": "{{model}}", "rubric": "{{rubric}}", "timeoutSeconds": {{timeout}},
              "labels": [ { "label": "pass", "score": 1 }, { "label": "fail", "score": 0 } ], "limits": { "minLabels": 12, "maxKappaGap": 0.2 } }
            """));
        File.WriteAllLines(Path.Combine(project.Folder, "labels.jsonl"),
            from role in (string[])["parent", "pruned"]
            from i in Enumerable.Range(0, 24)
            let isGood = i % 2 == 0
            select $$"""{"id":"{{role}}{{i}}","role":"{{role}}","input":"q","output":"{{(isGood ? "zzz" : "bad")}} {{i}}","human":"{{(isGood ? "pass" : "fail")}}","annotator":"person"}""");
        WriteHarness(
            """{ "metric": "judge.helpful", "slice": "*", "min": 0.3 }, { "dimension": "instruction_following", "slice": "*", "maxDrop": 0.9 }""",
            $$"""

              "judges": [ { "name": "helpful", "spec": "judge.json", "labels": "labels.jsonl", "calibration": "helpful.calibration.json", {{kind}} } ],
            """,
            """{ "name": "instruction_following", "scorers": [ { "scorer": "judge.helpful" } ] }, { "name": "factuality" }""");
    }

    /// <summary>Calibrates the harness's judge.</summary>
    public void Calibrate(DateOnly? day = null)
    {
        var judge = Assert.Single(Harness.Load(project.HarnessPath).Judges);
        using var opened = new OpenJudge(judge);
        JudgeEvaluation.CalibrateAsync(judge, () => opened.Judge, day ?? DateOnly.FromDateTime(DateTime.UtcNow)).GetAwaiter().GetResult().Save(judge.CalibrationPath);
    }

    public IReadOnlyList<Diagnostic> Evaluate(WorkRequest? request = null)
    {
        project.Diagnostics.Clear();
        project.ProgressLines.Clear();
        StageRunner.Run("evaluate", request ?? Request, project, CancellationToken.None);
        return project.Diagnostics;
    }

    public void Edit(string from, string to)
    {
        var text = File.ReadAllText(project.HarnessPath);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(project.HarnessPath, text.Replace(from, to, StringComparison.Ordinal));
    }

    public void Dispose() => project.Dispose();
}
