using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Judging;
using PruneBuild.Tests.Generation;

namespace PruneBuild.Pipeline.Tests;

/// <summary>Models that write, and what their texts are held against.</summary>
public sealed class GenerationHarnessTests
{
    private const string Model = "model", Scores = "scores", Judge = "judge";

    private const string MoreFloors = """
        "floors": [ { "dimension": "factuality", "slice": "*", "min": 0.1, "mode": "point" }, { "metric": "rougeL", "slice": "*", "min": 0, "mode": "point" },
        """;

    public static TheoryData<string, string[]> Mutations => new()
    {
        { "floor", [] },
        { "check", [Scores] },
        { "dimension of a check", [Scores] },
        { "reference", [Scores] },
        { "tokens at most", [Model, Scores, Judge] },
        { "stop text", [Model, Scores, Judge] },
        { "prompt", [Model, Scores, Judge] },
        { "tokenizer", [Model, Scores, Judge] },
        { "rubric", [Judge] },
        { "people's label", [] },
    };

    [Theory]
    [MemberData(nameof(Mutations))]
    public void Only_what_depends_on_a_change_runs_again(string change, string[] again)
    {
        using var server = new ChatServer();
        using var project = new WritingProject();
        project.WriteJudged(server.Endpoint);
        project.Edit("\"floors\": [", MoreFloors);
        project.Calibrate();
        Assert.Empty(project.Evaluate());
        var (models, scores, asked) = Made(project, server);
        Assert.Equal((2, 2), (models, scores));
        var cases = Path.Combine(project.Project.Folder, "cases.jsonl");
        switch (change)
        {
            case "floor": project.Edit("\"min\": 0.1", "\"min\": 0.2"); break;
            case "check": project.WriteCases("""{ "type": "not-contains", "value": "8", "dim": "factuality" }"""); break;
            case "dimension of a check": project.WriteCases("""{ "type": "not-contains", "value": "7" }""", """{ "type": "not-contains", "value": "7", "dim": "factuality" }"""); break;
            case "reference": File.WriteAllText(cases, File.ReadAllText(cases).Replace("a b c", "a b d", StringComparison.Ordinal)); break;
            case "tokens at most": project.Edit("\"maxTokens\": 6", "\"maxTokens\": 5"); break;
            case "stop text": project.Edit("\"maxTokens\": 6", "\"maxTokens\": 6, \"stop\": [\"q\"]"); break;
            case "prompt": File.WriteAllText(cases, File.ReadAllText(cases).Replace("\"a b\"", "\"z b\"", StringComparison.Ordinal)); break;
            case "tokenizer": Retokenize(project); break;
            case "rubric":
                project.WriteJudged(server.Endpoint, rubric: "it is better than good");
                project.Edit("\"floors\": [", MoreFloors);
                break;
            case "people's label":
                var labels = Path.Combine(project.Project.Folder, "labels.jsonl");
                File.WriteAllText(labels, File.ReadAllText(labels).Replace("zzz 0", "zzz 9", StringComparison.Ordinal));
                break;
        }
        if (change is "rubric" or "people's label")
            project.Calibrate();
        var calibrated = server.Requests;
        Assert.Empty(project.Evaluate());
        var after = Made(project, server);
        Assert.Equal(
            (again.Contains(Model), again.Contains(Scores), again.Contains(Judge)),
            (after.Models > models, after.Scores > scores, after.Asked > Math.Max(asked, calibrated)));
    }

    [Fact]
    public void Texts_of_both_are_kept_and_told_from_one_another()
    {
        using var project = new WritingProject();
        project.WriteHarness("""{ "dimension": "checks", "slice": "*", "min": 0, "mode": "point" }, { "metric": "len_ratio", "slice": "*", "min": 0, "mode": "point" }""");
        Assert.Empty(project.Evaluate(project.Request with { Reports = ["html"] }));
        var (parent, candidate) = (project.Texts("parent"), project.Texts("candidate"));
        Assert.Equal((WritingProject.Cases, WritingProject.Cases), (parent.Texts.Count, candidate.Texts.Count));
        Assert.All(parent.Texts, text => Assert.InRange(text.Tokens, 1, 6));
        Assert.Contains(parent.Texts, text => text.Text.Length > 0);
        Assert.Equal(WritingProject.Cases, project.Verdict.Cases);
        var changed = parent.Texts.Zip(candidate.Texts).Count(pair => pair.First.Text != pair.Second.Text);
        var html = File.ReadAllText(Path.Combine(Path.GetDirectoryName(project.VerdictPath)!, "report.html"));
        Assert.Equal(changed > 0, html.Contains("id=\"texts\"", StringComparison.Ordinal));
    }

    [Fact]
    public void With_a_format_models_that_know_nothing_of_JSON_write_it()
    {
        using var project = new WritingProject();
        TinyModel.WriteTokenizer(project.ModelFolder, letters: "{}\":,[] 0123456789-.aeflnrstux");
        project.WriteHarness(maxTokens: 18);
        Assert.Empty(project.Evaluate());
        Assert.Contains(project.Texts("parent").Texts, text => !IsObject(text));
        project.Edit("\"maxTokens\": 18", "\"maxTokens\": 18, \"format\": \"json\"");
        File.Delete(project.VerdictPath);
        foreach (var stage in new[] { "parent", "candidate" }.SelectMany(project.Project.Stages))
            Directory.Delete(Path.Combine(project.Project.Request.StagesFolder, stage), recursive: true);
        Assert.Empty(project.Evaluate());
        Assert.All(project.Texts("parent").Texts.Concat(project.Texts("candidate").Texts), text => Assert.True(IsObject(text), text.Text));
    }

    /// <summary>Whether a text is an object, or what is there of one that was cut.</summary>
    private static bool IsObject(WrittenText text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text.Text), isFinalBlock: text.End == TextEnd.Stop, default);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [Fact]
    public void A_candidate_that_writes_something_else_misses_the_floor_that_its_parent_clears()
    {
        using var project = new WritingProject();
        project.Project.WriteRecipe("""{ "version": 1 }""");
        Assert.Empty(project.Evaluate());
        var wanted = project.Texts("parent").Texts;
        project.WriteCases([.. wanted.Select(text => $$"""{ "type": "equals", "value": {{Newtonsoft.Json.JsonConvert.ToString(text.Text + " ")}}, "dim": "factuality" }""")]);
        project.WriteHarness("""{ "dimension": "factuality", "slice": "*", "maxDrop": 0.5, "mode": "point" }""");
        Assert.Empty(project.Evaluate());
        Assert.Equal(1, Assert.Single(project.Verdict.Checks).Parent);

        project.Project.WriteRecipe("""{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.9 } }""");
        var diagnostic = Assert.Single(project.Evaluate());
        Assert.Equal(("PB4001", Severity.Error), (diagnostic.Code, diagnostic.Severity));
        Assert.Equal(1, Assert.Single(project.Verdict.Checks).Parent);
    }

    [Fact]
    public void Messages_are_written_by_the_models_template_and_without_one_refused()
    {
        using var project = new WritingProject();
        File.WriteAllText(Path.Combine(project.Project.Folder, "cases.jsonl"),
            """{ "id": "c0", "slice": "common", "messages": [ { "role": "user", "content": "ab" } ], "expect": [ { "type": "not-contains", "value": "7", "dim": "factuality" } ] }""");
        var error = Assert.Throws<PruneBuildException>(() => project.Evaluate());
        Assert.Equal("PB5025", error.Code);
        Assert.Contains("'c0'", error.Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(project.ModelFolder, "chat_template.jinja"), "{% for m in messages %}{{ m['content'] }}. {% endfor %}");
        project.Evaluate();
        // Letters, a period and a space.
        Assert.Equal(4, Assert.Single(project.Texts("parent").Texts).PromptTokens);
    }

    [Fact]
    public void A_prompt_that_is_longer_than_the_context_is_an_error_of_its_case()
    {
        using var project = new WritingProject();
        File.AppendAllText(Path.Combine(project.Project.Folder, "cases.jsonl"),
            $$"""{ "id": "long", "slice": "common", "prompt": "{{new string('a', 30)}}", "expect": [ { "type": "finish", "value": "stop" } ] }""");
        var error = Assert.Throws<PruneBuildException>(() => project.Evaluate());
        Assert.Equal("PB5025", error.Code);
        Assert.Contains("'long'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void How_long_texts_take_is_timed_on_both()
    {
        using var project = new WritingProject();
        project.WriteHarness(
            """{ "dimension": "latency", "slice": "*", "min": 0.5 }, { "metric": "ttft.p90", "slice": "*", "max": 100000 }, { "metric": "tpot.p50", "slice": "*", "max": 100000 }""",
            """ "performance": { "maxSpread": 10, "blocks": 12, "seconds": 1 }, """,
            """{ "name": "latency", "scorers": [ { "scorer": "p90", "target": 10000, "limit": 1000000 } ] }, { "name": "factuality" }""");
        Assert.Empty(project.Evaluate());
        Assert.Single(project.Project.Stages("performance"));
        Assert.All(project.Verdict.Checks, check => Assert.Equal(MeasurementState.Measured, check.State));
        Assert.Equal(["latency", "ttft.p90", "tpot.p50"], project.Verdict.Checks.Select(check => check.Dimension));
    }

    [Fact]
    public void A_judge_that_is_calibrated_is_asked_once_and_its_worth_is_in_the_verdict()
    {
        using var server = new ChatServer();
        using var project = new WritingProject();
        project.WriteJudged(server.Endpoint);
        project.Calibrate();
        // Both roles have the same texts.
        Assert.Equal(24, server.Requests);
        Assert.Empty(project.Evaluate(project.Request with { Reports = ["html"] }));
        var judge = Assert.Single(project.Verdict.Judges!);
        Assert.Equal((0, 24, 0, 1.0), (judge.Faults.Count, judge.Asked, judge.Errors, judge.OnPruned!.Kappa));
        Assert.All(project.Verdict.Checks, check => Assert.Equal("cluster-robust t, calibrated judge", check.Method));
        Assert.Contains("id=\"judges\"", File.ReadAllText(Path.Combine(Path.GetDirectoryName(project.VerdictPath)!, "report.html")), StringComparison.Ordinal);
        var asked = server.Requests;
        Assert.Empty(project.Evaluate());
        Assert.Equal(asked, server.Requests);
        Assert.Equal(24, File.ReadLines(Path.Combine(Path.GetDirectoryName(project.VerdictPath)!, "to-label.jsonl")).Count());
    }

    [Fact]
    public void An_artifact_that_a_judge_let_through_is_current_as_long_as_the_calibration_counts()
    {
        using var server = new ChatServer();
        using var project = new WritingProject();
        project.WriteJudged(server.Endpoint);
        var day = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-10);
        project.Calibrate(day);
        Assert.True(project.Project.Build(project.Request), string.Join('\n', project.Project.Diagnostics));
        var request = WorkRequest.Load(project.Project.RequestPath);
        Assert.True(Stamp.IsCurrent(request.StampFile, request, day.AddDays(30)));
        Assert.False(Stamp.IsCurrent(request.StampFile, request, day.AddDays(31)));
        File.AppendAllText(Path.Combine(project.Project.Folder, "labels.jsonl"), "\n");
        Assert.False(Stamp.IsCurrent(request.StampFile, request, day.AddDays(30)));
    }

    [Fact]
    public void A_judge_whose_calibration_does_not_count_is_not_asked_and_nothing_is_green()
    {
        using var server = new ChatServer();
        using var project = new WritingProject();
        project.WriteJudged(server.Endpoint);
        var never = project.Evaluate();
        Assert.All(never, diagnostic => Assert.Equal(("PB4009", Severity.Error), (diagnostic.Code, diagnostic.Severity)));
        Assert.Equal(2, never.Count);
        Assert.Contains("judge invalid: helpful: it was never calibrated", never[0].Message, StringComparison.Ordinal);

        project.Calibrate(DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-31));
        var calibrated = server.Requests;
        Assert.Contains("is older than 30 days", project.Evaluate()[0].Message, StringComparison.Ordinal);
        project.Calibrate();
        project.WriteJudged(server.Endpoint, rubric: "something else");
        Assert.Contains("it is not the judge that was calibrated", project.Evaluate()[0].Message, StringComparison.Ordinal);
        Assert.Equal(2 * calibrated, server.Requests);
        Assert.Equal(CheckResult.JudgeInvalid, project.Verdict.Result);
    }

    [Theory]
    [InlineData("500", "PB5044")]
    [InlineData("garbage", "PB5043")]
    [InlineData("not even JSON", "PB5044")]
    [InlineData("another model", "PB5044")]
    [InlineData("two megabytes", "PB5044")]
    [InlineData("a redirection", "PB5044")]
    [InlineData("silence", "PB5044")]
    public void What_a_server_does_wrong_is_an_error_and_never_a_verdict(string fault, string code)
    {
        using var server = new ChatServer();
        using var project = new WritingProject();
        project.WriteJudged(server.Endpoint, timeout: fault == "silence" ? 0.5 : 20);
        project.Calibrate();
        server.Answer = fault switch
        {
            "500" => _ => (500, "{}"),
            "garbage" => _ => (200, ChatServer.Completion("It is very good: pass")),
            "not even JSON" => _ => (200, "<html>"),
            "another model" => _ => (200, ChatServer.Completion("x pass", model: "judge-2")),
            "two megabytes" => _ => (200, ChatServer.Completion(new string('x', 2_000_000))),
            "a redirection" => _ => (302, ""),
            _ => _ => null,
        };
        if (fault == "silence")
            server.Delay = TimeSpan.FromSeconds(30);
        Assert.Equal(code, Assert.Throws<PruneBuildException>(() => project.Evaluate()).Code);
        Assert.False(File.Exists(project.VerdictPath));

        // Nothing of it is kept: the server is well again, and so is the build.
        (server.Answer, server.Delay) = (_ => null, TimeSpan.Zero);
        Assert.Empty(project.Evaluate());
    }

    [Fact]
    public void The_key_of_an_endpoint_comes_from_the_environment_alone()
    {
        const string Variable = "PRUNEBUILD_TEST_JUDGE_KEY";
        using var server = new ChatServer();
        using var project = new WritingProject();
        project.WriteJudged(server.Endpoint, more: $$""", "keyVariable": "{{Variable}}" """);
        Environment.SetEnvironmentVariable(Variable, null);
        Assert.Equal("PB5044", Assert.Throws<PruneBuildException>(() => project.Calibrate()).Code);
        try
        {
            Environment.SetEnvironmentVariable(Variable, "s3cret");
            project.Calibrate();
            Assert.Equal("Bearer s3cret", server.Key);
            Assert.Empty(project.Evaluate(project.Request with { Reports = ["html", "sarif", "junit", "trx", "markdown"] }));
            Assert.DoesNotContain(Directory.EnumerateFiles(project.Project.Folder, "*", SearchOption.AllDirectories), file => File.ReadAllText(file).Contains("s3cret", StringComparison.Ordinal));
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }

    [Fact]
    public void An_ONNX_classifier_judges_and_is_pinned_by_its_hash()
    {
        using var project = new WritingProject();
        var model = Path.Combine(project.Project.Folder, "judge.onnx");
        TinyClassifier.Write(model);
        var hash = FileFingerprints.Hash(model);
        project.WriteJudgedBy($""" "kind": "classifier", "model": "judge.onnx", "sha256": "{hash}" """, "it is good", 20, "judge.onnx");
        project.Calibrate();
        Assert.DoesNotContain(project.Evaluate(), diagnostic => diagnostic.Code is not ("PB4001" or "PB4002"));
        var judge = Assert.Single(project.Verdict.Judges!);
        Assert.Equal((0, 24, 0), (judge.Faults.Count, judge.Asked, judge.Errors));

        TinyClassifier.Write(model, threshold: 1);
        var error = Assert.Throws<PruneBuildException>(() => project.Evaluate());
        Assert.Equal(("PB1012", project.Project.HarnessPath), (error.Code, error.Diagnostic.File));
        Assert.Contains("sha256", error.Message, StringComparison.Ordinal);
    }

    private static (int Models, int Scores, int Asked) Made(WritingProject project, ChatServer server) =>
        (project.Project.Stages("parent").Count + project.Project.Stages("candidate").Count, project.Project.Stages("scores").Count, server.Requests);

    // Two letters change places: other tokens, so other texts.
    private static void Retokenize(WritingProject project)
    {
        var path = Path.Combine(project.ModelFolder, "tokenizer.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        var vocabulary = json["model"]!["vocab"]!;
        var (a, b) = ((int)vocabulary["a"]!, (int)vocabulary["b"]!);
        (vocabulary["a"], vocabulary["b"]) = (b, a);
        File.WriteAllText(path, json.ToJsonString());
    }
}
