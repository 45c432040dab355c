using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Performance;

namespace PruneBuild.Pipeline.Tests;

/// <summary>Slices by context length through the whole gate.</summary>
public sealed class ContextLengthHarnessTests
{
    [Fact]
    public void A_candidate_that_lost_what_long_contexts_need_is_stopped_by_their_floor_alone()
    {
        using var project = Reading(window: LongContextModel.Window);

        StageRunner.Run("evaluate", project.Request with { Reports = ["html", "sarif", "junit", "markdown"] }, project, CancellationToken.None);

        var missed = Assert.Single(project.Diagnostics, diagnostic => diagnostic.Severity == Severity.Error);
        Assert.Equal(("PB4001", project.HarnessPath, 9), (missed.Code, missed.File, missed.Line));
        Assert.Contains("perplexity on 'context:49+' ratio", missed.Message, StringComparison.Ordinal);
        var verdict = Verdict.Load(VerdictOf(project), project.HarnessPath);
        Assert.Equal([CheckResult.Pass, CheckResult.Pass, CheckResult.Pass, CheckResult.Fail], verdict.Checks.Select(check => check.Result));
        Assert.All(verdict.Checks, check => Assert.Equal(40, check.Cases));
        // Without the small weights every token is as likely as another.
        Assert.Equal(LongContextModel.Vocabulary, verdict.Checks[3].Candidate, 0.01);
        Assert.Equal(verdict.Checks[1].Parent, verdict.Checks[1].Candidate, 1e-6);
        foreach (var report in (string[])["report.html", "verdict.sarif", "verdict.junit.xml", "summary.md"])
            Assert.Contains("context:49+", File.ReadAllText(Path.Combine(Path.GetDirectoryName(VerdictOf(project))!, report)), StringComparison.Ordinal);

        // Other lengths score anew and ask no model.
        File.WriteAllText(project.HarnessPath, File.ReadAllText(project.HarnessPath).Replace("[16, 48]", "[16, 48, 55]", StringComparison.Ordinal).Replace("49+", "49-55", StringComparison.Ordinal));
        StageRunner.Run("evaluate", project.Request, project, CancellationToken.None);
        Assert.Single(project.Stages("candidate"));
    }

    [Fact]
    public void A_window_beyond_the_places_that_a_model_knows_is_an_error_of_the_model()
    {
        using var project = Reading(window: LongContextModel.Window + 1);
        Assert.Equal("PB5001", Assert.Throws<PruneBuildException>(() => StageRunner.Run("evaluate", project.Request, project, CancellationToken.None)).Code);
        Assert.False(File.Exists(VerdictOf(project)));
    }

    [Fact]
    public void Prompts_are_counted_by_the_models_tokenizer_and_times_have_floors_by_their_length()
    {
        using var project = Writing("[5]", """
            { "metric": "ttft.p90", "slice": "context:0-5", "max": 100000 }, { "metric": "ttft.p90", "slice": "context:6+", "max": 100000 }, { "dimension": "factuality", "slice": "*", "min": 0, "mode": "point" }
            """);
        project.Edit("\"cases\":", """ "performance": { "maxSpread": 10, "blocks": 12, "seconds": 1 }, "cases":""");
        Assert.Empty(project.Evaluate());
        var (verdict, texts) = (project.Verdict, project.Texts("parent").Texts);
        Assert.Equal(texts.Select(text => text.PromptTokens), project.Texts("candidate").Texts.Select(text => text.PromptTokens));
        var isShort = texts.Count(text => text.PromptTokens <= 5);
        Assert.InRange(isShort, 1, WritingProject.Cases - 1);
        Assert.Equal(["common", "context:0-5", "context:6+"], verdict.Slices.Select(slice => slice.Slice));
        Assert.Equal(
            [("context:0-5", MeasurementState.Measured, Math.Min(6, isShort)), ("context:6+", MeasurementState.Measured, Math.Min(6, WritingProject.Cases - isShort))],
            verdict.Checks.Take(2).Select(check => (check.Slice, check.State!.Value, check.Cases)));
        Assert.Equal([("common", 12), ("context:0-5", isShort), ("context:6+", 12 - isShort)], verdict.Checks.Skip(2).Select(check => (check.Slice, check.Cases)));

        project.Edit("[5]", "[6]");
        project.Edit("0-5", "0-6");
        project.Edit("6+", "7+");
        project.Evaluate();
        Assert.Single(project.Project.Stages("parent"));
        Assert.Single(project.Project.Stages("candidate"));
    }

    [Fact]
    public void Messages_are_counted_as_the_template_writes_them()
    {
        using var project = Writing("[3]", """{ "dimension": "factuality", "slice": "context:4+", "min": 0, "mode": "point" }""");
        File.WriteAllText(Path.Combine(project.Project.Folder, "cases.jsonl"),
            """{ "id": "c0", "slice": "common", "messages": [ { "role": "user", "content": "ab" } ], "expect": [ { "type": "not-contains", "value": "7", "dim": "factuality" } ] }""");
        Assert.Equal("PB5025", Assert.Throws<PruneBuildException>(() => project.Evaluate()).Code);
        File.WriteAllText(Path.Combine(project.ModelFolder, "chat_template.jinja"), "{% for m in messages %}{{ m['content'] }}. {% endfor %}");
        Assert.Empty(project.Evaluate());
        Assert.Equal(("context:4+", 1), (Assert.Single(project.Verdict.Checks).Slice, project.Verdict.Checks[0].Cases));
    }

    [Fact]
    public void A_floor_on_lengths_that_no_prompt_has_is_refused_before_a_model_writes()
    {
        using var project = Writing("[5, 500]", """{ "dimension": "factuality", "slice": "context:501+", "min": 0, "mode": "point" }""");
        var error = Assert.Throws<PruneBuildException>(() => project.Evaluate());
        Assert.Equal(("PB1032", project.Project.HarnessPath), (error.Code, error.Diagnostic.File));
        Assert.Empty(project.Project.Stages("parent"));
    }

    [Fact]
    public void A_lock_has_what_the_parent_scored_on_every_length_and_pins_the_lengths()
    {
        using var project = Writing("[5]", """{ "dimension": "factuality", "slice": "*", "min": 0, "mode": "point" }""");
        var (locked, obstacles) = HarnessLocking.Lock(project.Project.HarnessPath, project.ModelFolder, "test", new DateOnly(2026, 11, 29), 1, CancellationToken.None);
        Assert.Empty(obstacles);
        Assert.Equal(["common", "context:0-5", "context:6+", "*"], locked!.Parent.Select(slice => slice.Slice));
        project.Edit("[5]", "[6]");
        Assert.Contains(project.Evaluate(), diagnostic => diagnostic.Code == "PB4202");
    }

    private static TinyProject Reading(int window)
    {
        var project = new TinyProject();
        LongContextModel.Write(project.ModelPath);
        LongContextModel.WriteText(Path.Combine(project.Folder, "gate.u16"), windows: 40);
        File.WriteAllText(Path.Combine(project.Folder, "tok.json"), "tokenizer");
        File.WriteAllText(project.HarnessPath, $$"""
            {
              "version": 1, "task": "language", "window": {{window}}, "tokenizer": "tok.json", "input": { "elementType": "uint16" },
              "contextLengths": [16, 48],
              "cases": [ { "slice": "common", "tokens": "gate.u16" } ],
              "floors": [
                { "metric": "perplexity", "slice": "common", "maxRatio": 3 },
                { "metric": "perplexity", "slice": "context:0-16", "maxRatio": 1.1 },
                { "metric": "perplexity", "slice": "context:17-48", "maxRatio": 1.1 },
                { "metric": "perplexity", "slice": "context:49+", "maxRatio": 1.1 }
              ]
            }
            """);
        project.WriteRecipe("""{ "version": 1, "prune": { "pattern": "unstructured", "sparsity": 0.5, "protectFirstLast": false } }""");
        return project;
    }

    private static WritingProject Writing(string lengths, string floors)
    {
        var project = new WritingProject();
        File.WriteAllLines(Path.Combine(project.Project.Folder, "cases.jsonl"), Enumerable.Range(0, WritingProject.Cases).Select(i =>
            $$"""{ "id": "c{{i}}", "slice": "common", "prompt": "{{new string((char)('a' + i), 1 + i)}}", "expect": [ { "type": "not-contains", "value": "7", "dim": "factuality" } ] }"""));
        project.WriteHarness(floors);
        project.Edit("\"cases\":", $"\"contextLengths\": {lengths}, \"cases\":");
        return project;
    }

    private static string VerdictOf(TinyProject project) => Path.Combine(Path.GetDirectoryName(project.Request.StampFile)!, "verdict.json");
}
