using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Tests.Tasks;

public class GenerationTests
{
    private const string Dimensions = """ "dimensions": [ { "name": "format_compliance" }, { "name": "factuality" } ], """;

    [Fact]
    public void A_dimension_is_measured_on_the_cases_whose_checks_name_it()
    {
        using var folder = new TemporaryFolder();
        var loaded = GenerationFiles.Create(
            folder,
            """{ "dimension": "format_compliance", "slice": "*", "min": 0.1, "mode": "point" }, { "dimension": "factuality", "slice": "*", "maxDrop": 0.9, "mode": "point" }""",
            Dimensions,
            GenerationFiles.Line(0, "common", """ "expect": [ { "type": "json", "dim": "format_compliance" }, { "type": "contains", "value": "refund", "dim": "factuality" } ] """),
            GenerationFiles.Line(1, "common", """ "expect": [ { "type": "not-contains", "value": "sorry", "dim": "factuality" } ] """),
            GenerationFiles.Line(2, "common", """ "expect": [ { "type": "json", "dim": "format_compliance" } ] """));
        var verdict = GenerationFiles.Judge(
            loaded,
            GenerationFiles.Texts("""{"label":"refund"}""", "fine", "{}"),
            GenerationFiles.Texts("""{"label":"return"}""", "fine", "no json"));
        var (format, fact) = (verdict.Checks[0], verdict.Checks[1]);
        Assert.Equal((2, 1.0, 0.5, CheckResult.Pass), (format.Cases, format.Parent, format.Candidate, format.Result));
        Assert.Equal((2, 1.0, 0.5, 0.5), (fact.Cases, fact.Parent, fact.Candidate, fact.Estimate));
    }

    [Fact]
    public void All_checks_of_a_case_have_to_hold_and_partial_similarity_does_not()
    {
        using var folder = new TemporaryFolder();
        var loaded = GenerationFiles.Create(
            folder, """{ "dimension": "checks", "slice": "*", "min": 0, "mode": "point" }""", "",
            GenerationFiles.Line(0, "common", """ "expect": [ { "type": "contains", "value": "a" }, { "type": "contains", "value": "b" } ] """),
            GenerationFiles.Line(1, "common", """ "expect": [ { "type": "similarity", "metric": "token_f1", "references": ["one two"] } ] """),
            GenerationFiles.Line(2, "common", """ "reference": "anything" """));
        var check = Assert.Single(GenerationFiles.Judge(loaded, GenerationFiles.Texts("a b", "one two", ""), GenerationFiles.Texts("a", "one", "")).Checks);
        Assert.Equal((2, 1.0, 0.0), (check.Cases, check.Parent, check.Candidate));
    }

    [Fact]
    public void Similarity_counts_the_cases_with_a_reference_and_length_all_of_them()
    {
        using var folder = new TemporaryFolder();
        var loaded = GenerationFiles.Create(
            folder,
            """{ "metric": "exact_match", "slice": "*", "min": 0, "mode": "point" }, { "metric": "bleu", "slice": "*", "min": 0, "mode": "point" }, { "metric": "len_ratio", "slice": "*", "min": 0.1, "mode": "point" }""", "",
            GenerationFiles.Line(0, "common", """ "reference": "The sky is blue today" """),
            GenerationFiles.Line(1, "common", """ "references": ["grass is green", "grass"] """),
            GenerationFiles.Line(2, "common", """ "expect": [ { "type": "json" } ] """));
        var checks = GenerationFiles.Judge(
            loaded, GenerationFiles.Texts("the sky is blue today", "Grass!", "a b c d e"), GenerationFiles.Texts("the sky is blue today", "grass is", "a b")).Checks;
        Assert.Equal((2, 1.0, 0.5), (checks[0].Cases, checks[0].Parent, checks[0].Candidate));
        Assert.Equal(2, checks[1].Cases);
        Assert.True(checks[1].Candidate < 100);
        Assert.Equal((3, 1.0), (checks[2].Cases, checks[2].Parent));
        Assert.Equal(9.0 / 11, checks[2].Candidate, 12);
    }

    [Fact]
    public void A_slice_that_no_check_speaks_of_is_not_measured_rather_than_cleared()
    {
        using var folder = new TemporaryFolder();
        var loaded = GenerationFiles.Create(
            folder, """{ "dimension": "factuality", "slice": "*", "min": 0, "mode": "point" }""", Dimensions,
            GenerationFiles.Line(0, "common", """ "expect": [ { "type": "json", "dim": "factuality" } ] """), GenerationFiles.Line(1, "common", """ "expect": [ { "type": "json", "dim": "factuality" } ] """),
            GenerationFiles.Line(2, "edge", """ "expect": [ { "type": "json" } ] """));
        var checks = GenerationFiles.Judge(loaded, GenerationFiles.Texts("1", "1", "1"), GenerationFiles.Texts("1", "1", "1")).Checks;
        Assert.Equal([CheckResult.Pass, CheckResult.NotMeasured], checks.Select(check => check.Result));
        Assert.EndsWith("no case of the slice says anything about it", checks[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_critical_case_whose_checks_fail_is_reported_at_its_line()
    {
        using var folder = new TemporaryFolder();
        var loaded = GenerationFiles.Create(
            folder, """{ "dimension": "checks", "slice": "*", "min": 0, "mode": "point" }, { "critical": ["c0"] }""", "",
            GenerationFiles.Line(0, "common", """ "expect": [ { "type": "contains", "value": "112" } ] """),
            GenerationFiles.Line(1, "common", """ "critical": true, "expect": [ { "type": "not-refusal" } ] """));
        var verdict = GenerationFiles.Judge(loaded, GenerationFiles.Texts("call 112", "yes"), GenerationFiles.Texts("call 113", "yes"));
        var diagnostic = Assert.Single(verdict.ToDiagnostics());
        Assert.Equal(("PB4007", "[linux-x64] critical case 'c0' fails its checks (dense parent meets them)"), (diagnostic.Code, diagnostic.Message));
    }

    [Fact]
    public void Tool_calls_are_read_from_what_was_written()
    {
        using var folder = new TemporaryFolder();
        const string Expect = """ "expect": [ { "type": "tool-calls", "calls": [ { "name": "weather", "arguments": { "city": "Oslo" } } ] } ] """;
        var loaded = GenerationFiles.Create(
            folder, """{ "dimension": "checks", "slice": "*", "min": 0, "mode": "point" }""", "", [.. Enumerable.Range(0, 5).Select(i => GenerationFiles.Line(i, "common", Expect))]);
        const string Call = """{"name":"weather","arguments":{"city":"Oslo"}}""";
        var written = GenerationFiles.Texts($"Let me see.\n<tool_call>\n{Call}\n</tool_call>", $"[TOOL_CALLS] [{Call}]", Call, $"<tool_call>{Call}", $"<tool_call>{Call}</tool_call><tool_call>{Call}</tool_call>");
        var check = Assert.Single(GenerationFiles.Judge(loaded, written, written).Checks);
        Assert.Equal(3.0 / 5, check.Candidate, 12);
    }

    [Fact]
    public void Why_a_text_ended_can_be_expected()
    {
        using var folder = new TemporaryFolder();
        var loaded = GenerationFiles.Create(
            folder, """{ "dimension": "checks", "slice": "*", "min": 0, "mode": "point" }""", "",
            GenerationFiles.Line(0, "common", """ "expect": [ { "type": "finish", "value": "stop" } ] """), GenerationFiles.Line(1, "common", """ "expect": [ { "type": "finish", "value": "stop" } ] """));
        WrittenTexts cut = new([new("a", 1, 20, TextEnd.Length), new("a", 1, 2, TextEnd.Stop)]);
        Assert.Equal(0.5, Assert.Single(GenerationFiles.Judge(loaded, cut, cut).Checks).Candidate);
    }

    [Fact]
    public void A_model_answers_prompts_and_chats_in_order()
    {
        using var folder = new TemporaryFolder();
        var loaded = GenerationFiles.Create(
            folder, """{ "dimension": "checks", "slice": "*", "min": 0, "mode": "point" }""", "",
            GenerationFiles.Line(0, "common", """ "expect": [ { "type": "json" } ] """),
            """{ "id": "chat", "slice": "common", "messages": [ { "role": "system", "content": "Be short." }, { "role": "user", "content": "Hi" } ], "expect": [ { "type": "json" } ] }""");
        using var echo = new Echo();
        var texts = WrittenTexts.Of(echo, loaded.Harness, loaded.Cases);
        Assert.Equal(["Question 0 (20)", "system: Be short.\nuser: Hi (20)"], texts.Texts.Select(text => text.Text));
        texts.Save(folder["texts.jsonl"]);
        Assert.Equal(texts.Texts, WrittenTexts.Load(folder["texts.jsonl"])!.Texts);
        File.WriteAllText(folder["texts.jsonl"], File.ReadAllText(folder["texts.jsonl"]).Replace("Question 0", "Question 1", StringComparison.Ordinal));
        Assert.Null(WrittenTexts.Load(folder["texts.jsonl"]));
    }

    [Theory]
    [InlineData("PB1012", """{ "id": "a", "slice": "s", "prompt": "p", "expect": [ { "type": "json", "dim": "speed" } ] }""", "\"speed\"")]
    [InlineData("PB1012", """{ "id": "a", "slice": "s", "prompt": "p", "messages": [ { "role": "user", "content": "q" } ] }""", "\"p\"")]
    [InlineData("PB1012", """{ "id": "a", "slice": "s", "messages": [ { "role": "user", "content": "q" }, { "role": "assistant", "content": "r" } ] }""", "\"assistant\"")]
    [InlineData("PB1012", """{ "id": "a", "slice": "s", "messages": [ { "role": "narrator", "content": "q" } ] }""", "\"narrator\"")]
    [InlineData("PB1012", """{ "id": "a", "slice": "s", "prompt": "p", "critical": true }""", "true")]
    [InlineData("PB1013", """{ "id": "a", "slice": "s" }""", "{")]
    [InlineData("PB1011", """{ "id": "a", "slice": "s", "prompt": "p", "temperature": 1 }""", "\"temperature\"")]
    [InlineData("PB1071", """{ "id": "a", "slice": "s", "prompt": "p", "expect": [ { "type": "jsn" } ] }""", "\"jsn\"")]
    public void A_case_that_cannot_be_used_is_reported_at_its_token(string code, string line, string token)
    {
        using var folder = new TemporaryFolder();
        var good = """{ "id": "g", "slice": "s", "prompt": "p", "expect": [ { "type": "json", "dim": "factuality" } ] }""";
        var diagnostic = HarnessFiles.Fails(code, () => GenerationFiles.Create(folder, """{ "dimension": "factuality", "slice": "*", "min": 0.5 }""", Dimensions, good, line));
        Assert.Equal((folder["cases.jsonl"], 2, HarnessFiles.Find(line, token).Column), (diagnostic.File, diagnostic.Line, diagnostic.Column));
    }

    [Fact]
    public void A_case_of_more_than_ten_megabytes_is_refused_and_one_below_is_not()
    {
        using var folder = new TemporaryFolder();
        const string Floor = """{ "dimension": "checks", "slice": "*", "min": 0.5 }""";
        string Line(int length) => $$"""{ "id": "a", "slice": "s", "prompt": "{{new string('x', length)}}", "expect": [ { "type": "json" } ] }""";
        Assert.Equal(1, GenerationFiles.Create(folder, Floor, "", Line(9_900_000)).Cases.Count);
        Assert.Equal("PB1062", HarnessFiles.Fails("PB1062", () => GenerationFiles.Create(folder, Floor, "", Line(10_000_000))).Code);
    }

    [Fact]
    public void A_floor_on_checks_that_no_case_has_is_refused()
    {
        using var folder = new TemporaryFolder();
        var floor = """{ "dimension": "factuality", "slice": "*", "min": 0.5 }""";
        HarnessFiles.Fails("PB1076", () => GenerationFiles.Create(folder, floor, Dimensions, GenerationFiles.Line(0, "common", """ "expect": [ { "type": "json" } ] """)));
    }

    [Fact]
    public void A_schema_file_that_a_check_names_is_part_of_what_is_right()
    {
        using var folder = new TemporaryFolder();
        string Gold(string schema)
        {
            folder.Write("answer.json", schema);
            var loaded = GenerationFiles.Create(folder, """{ "dimension": "checks", "slice": "*", "min": 0.5 }""", "", GenerationFiles.Line(0, "common", """ "expect": [ { "type": "json-schema", "schema": "answer.json" } ] """));
            Assert.Equal([folder["answer.json"]], loaded.Cases.NamedFiles);
            return CaseKeys.Gold(loaded.Cases);
        }

        Assert.NotEqual(Gold("""{ "type": "object" }"""), Gold("""{ "type": "array" }"""));
    }

    private sealed class Echo : ITextGenerator
    {
        public WrittenText Write(string caseId, WritingPrompt prompt, WritingSettings settings, CancellationToken cancellation) => new($"{prompt} ({settings.MaxTokens})", 1, 2, TextEnd.Stop);

        public void Dispose()
        {
        }
    }
}
