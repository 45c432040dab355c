using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Probing;

namespace PruneBuild.Evaluation.Tests.Tasks;

/// <summary>Slices by how many tokens come before what is judged.</summary>
public class ContextLengthTests
{
    private const string Short = "context:0-2", Middle = "context:3-5", Long = "context:6+";
    private const string Lengths = """ "contextLengths": [2, 5], """;
    private const string AnyPerplexity = """{ "metric": "perplexity", "slice": "*", "max": 1e9, "mode": "point" }""";

    [Theory]
    [InlineData(8, 8, null)]
    [InlineData(8, 3, null)]
    [InlineData(9, 4, 7)]
    public void A_token_of_a_text_is_in_the_slice_of_the_number_of_tokens_before_it(int window, int stride, int? startToken)
    {
        using var folder = new TemporaryFolder();
        var start = startToken is null ? "" : $"\"startToken\": {startToken},";
        var (harness, cases) = Texts(folder, $""" "window": {window}, "stride": {stride}, {start} {Lengths} """, AnyPerplexity, 20, 3);
        Assert.Equal(["common", Short, Middle, Long], cases.Slices);
        // A token after n others has the likelihood exp(-n), so the logarithm of the perplexity is the mean context.
        var outputs = Outputs(cases, (_, before) => -before);

        var scores = Gate.Judge(harness, cases, new EvaluatedModels(outputs, outputs), "linux-x64").Verdict.Scores!;

        var contexts = cases.Inputs.SelectMany(one => Enumerable.Range(one.FirstScored, one.Tokens.Length - one.FirstScored)).ToList();
        double Mean(Func<int, bool> isIn) => contexts.Where(isIn).Average();
        double[] expected = [Mean(_ => true), Mean(before => before <= 2), Mean(before => before is > 2 and <= 5), Mean(before => before > 5), Mean(_ => true)];
        Assert.Equal(["common", Short, Middle, Long, "*"], scores.Select(score => score.Slice));
        foreach (var (score, mean) in scores.Zip(expected)) Assert.Equal(mean, Math.Log(score.Parent!.Value), 1e-9);
    }

    [Fact]
    public void Taking_texts_apart_changes_nothing_on_the_slices_that_they_name()
    {
        (FloorCheck Check, string Inputs) Judge(string lengths)
        {
            using var folder = new TemporaryFolder();
            var (harness, cases) = Texts(folder, $""" "window": 8, {lengths} """, """{ "metric": "perplexity", "slice": "common", "maxRatio": 1.4 }""", 15, 30);
            var random = new Random(3);
            var noise = cases.Inputs.Select(_ => random.NextDouble()).ToArray();
            var check = TaskFiles.Check((harness, cases), Outputs(cases, (_, before) => -1 - (0.1 * before)), Outputs(cases, (index, before) => -1 - (0.1 * before) - (0.5 * noise[index])));
            return (check, CaseKeys.Inputs(cases, _ => ""));
        }

        var (whole, taken) = (Judge(""), Judge(Lengths));
        Assert.Equal((30, (int?)null), (taken.Check.Cases, taken.Check.Clusters));
        Assert.Equal((whole.Check.Cases, whole.Check.Result), (taken.Check.Cases, taken.Check.Result));
        // Parts of one text are drawn together, so the resamples are the same.
        Assert.Equal(whole.Check.Estimate, taken.Check.Estimate, 1e-9);
        Assert.Equal(whole.Check.Bound, taken.Check.Bound, 1e-9);
        // The model is asked the same, and what it gave is kept.
        Assert.Equal(whole.Inputs, taken.Inputs);
    }

    [Fact]
    public void A_model_that_is_worse_after_many_tokens_misses_the_floor_of_long_contexts_alone()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Texts(folder, """ "window": 64, "contextLengths": [16, 48], """, """
            { "metric": "perplexity", "slice": "common", "maxRatio": 1.5 }, { "metric": "perplexity", "slice": "context:0-16", "maxRatio": 1.1 },
            { "metric": "perplexity", "slice": "context:17-48", "maxRatio": 1.1 }, { "metric": "perplexity", "slice": "context:49+", "maxRatio": 1.1 }
            """, 64, 40);
        var random = new Random(4);
        double[] text = [.. cases.Inputs.Select(_ => random.NextDouble())];
        var parent = Outputs(cases, (index, _) => -1 - text[index]);
        var candidate = Outputs(cases, (index, before) => -1 - text[index] - (before > 48 ? 1 + text[index] : 0));
        var checks = Gate.Judge(harness, cases, new EvaluatedModels(parent, candidate), "linux-x64").Verdict.Checks;
        Assert.Equal([CheckResult.Pass, CheckResult.Pass, CheckResult.Pass, CheckResult.Fail], checks.Select(check => check.Result));
        Assert.Contains("perplexity on 'context:49+' ratio", checks[3].Message, StringComparison.Ordinal);
        Assert.Contains("n=40)", checks[3].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slice_counts_texts_and_not_their_parts()
    {
        using var folder = new TemporaryFolder();
        var loaded = Texts(folder, $""" "window": 8, {Lengths} """, """{ "metric": "perplexity", "slice": "common", "max": 99, "minCases": 4 }""", 8, 3);
        Assert.Equal(9, loaded.Cases.Count);
        var check = TaskFiles.Check(loaded, Outputs(loaded.Cases, (_, _) => -1), Outputs(loaded.Cases, (_, _) => -1));
        Assert.Equal((CheckResult.NotMeasured, 3), (check.Result, check.Cases));
    }

    [Fact]
    public void The_gap_of_long_contexts_is_measured_against_all_tokens()
    {
        using var folder = new TemporaryFolder();
        var loaded = Texts(folder, $""" "window": 8, {Lengths} """, $$"""{ "metric": "perplexity", "slice": "{{Long}}", "sliceGap": 0.1, "mode": "point" }""", 8, 30);
        var check = TaskFiles.Check(loaded, Outputs(loaded.Cases, (_, _) => -1), Outputs(loaded.Cases, (_, before) => before > 5 ? -2 : -1));
        // Two of seven tokens are two nats and not one.
        Assert.Equal(Math.Exp(2) - Math.Exp(9.0 / 7), check.Estimate, 1e-6);
    }

    [Fact]
    public void Bytes_of_the_parts_are_those_of_their_tokens()
    {
        using var folder = new TemporaryFolder();
        folder.Write("b.u16", [1, 0, 2, 0, 4, 0, 8, 0, 16, 0, 32, 0, 0, 0]);
        folder.Write("c.jsonl", """{"id":"a","slice":"common","tokens":[0,1,2,3,4,5,6]}""");
        folder.Write("tok.json", "tokenizer");
        var (harness, cases) = TaskFiles.Create(
            folder, "language", $""" "window": 8, "tokenizer": "tok.json", "tokenBytes": "b.u16", {Lengths} """, """{ "jsonl": "c.jsonl" }""",
            """{ "metric": "bits_per_byte", "slice": "*", "max": 99, "mode": "point" }""");
        Assert.Equal([2 + 4, 8 + 16 + 32, 0], cases.Tasks.Select(one => one.Bytes[0]));
        var outputs = Outputs(cases, (_, _) => -Math.Log(2));
        var scores = Gate.Judge(harness, cases, new EvaluatedModels(outputs, outputs), "linux-x64").Verdict.Scores!;
        Assert.Equal([6.0 / 62, 2.0 / 6, 3.0 / 56], scores.Take(3).Select(score => Math.Round(score.Parent!.Value, 9)), (a, b) => Math.Abs(a - b) < 1e-6);
        // The token that ends a text has no bytes: its bits count for the text, and alone they are no rate.
        Assert.Equal((Long, null), (scores[3].Slice, scores[3].Parent));
    }

    [Fact]
    public void Questions_are_in_the_slice_of_the_tokens_before_their_choices()
    {
        using var folder = new TemporaryFolder();
        int[] lengths = [1, 2, 3, 5, 6, 9];
        folder.Write("q.jsonl", string.Join('\n', Enumerable.Range(0, 240).Select(i =>
            $$"""{"id":"q{{i}}","slice":"{{(i % 2 == 0 ? "common" : "edge")}}","context":[{{string.Join(',', new int[lengths[i % 6]])}}],"choices":[[1],[2]],"answer":0}""")));
        var (harness, cases) = TaskFiles.Create(folder, "multiple-choice", Lengths, """{ "jsonl": "q.jsonl" }""", $$"""
            { "dimension": "accuracy", "slice": "common", "maxDrop": 0.5 }, { "dimension": "accuracy", "slice": "edge", "maxDrop": 0.5 },
            { "dimension": "accuracy", "slice": "{{Short}}", "maxDrop": 0.1 }, { "dimension": "accuracy", "slice": "{{Middle}}", "maxDrop": 0.1 }, { "metric": "flip.any", "slice": "{{Long}}", "max": 0.1 }
            """);
        ModelOutputs Answers(Func<int, bool> isRight) => new([.. Enumerable.Range(0, 240).SelectMany(i => (float[][])(isRight(i) ? [[-1], [-2]] : [[-2], [-1]]))]);
        var verdict = Gate.Judge(harness, cases, new EvaluatedModels(Answers(_ => true), Answers(i => lengths[i % 6] < 6 || i % 12 == 4)), "linux-x64").Verdict;
        Assert.Equal([CheckResult.Pass, CheckResult.Pass, CheckResult.Pass, CheckResult.Pass, CheckResult.Fail], verdict.Checks.Select(check => check.Result));
        Assert.Equal([("common", 120), ("edge", 120), (Short, 80), (Middle, 80), (Long, 80)], verdict.Slices.Select(slice => (slice.Slice, slice.Cases)));
        Assert.Equal((60, 60), (verdict.Slices[4].RightToWrong, verdict.Overall.RightToWrong));
        Assert.Equal(["common", "edge", Short, Middle, Long, "*"], LockedScores.Of(cases, Predictions.Of(harness, cases, Answers(_ => true))).Select(slice => slice.Slice));
    }

    [Fact]
    public void The_start_token_is_a_part_of_what_comes_before()
    {
        using var folder = new TemporaryFolder();
        folder.Write("q.jsonl", """{"id":"q","slice":"common","context":[1,2],"choices":[[1],[2]],"answer":0}""");
        var (_, cases) = TaskFiles.Create(folder, "multiple-choice", $""" "startToken": 3, {Lengths} """, """{ "jsonl": "q.jsonl" }""", """{ "dimension": "accuracy", "slice": "*", "min": 0 }""");
        Assert.Equal(["common", Middle], cases.Slices);
    }

    [Fact]
    public void Texts_to_write_are_in_the_slice_of_their_prompts_tokens()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Prompts(folder, $$"""{ "dimension": "checks", "slice": "{{Short}}", "min": 0.5, "mode": "point" }, { "dimension": "checks", "slice": "{{Long}}", "min": 0.5, "mode": "point" }""", Words);
        Assert.Equal(["common", Short, Long], cases.Slices);
        // Cases 0 to 3 ask in one word, 4 to 7 in six.
        var wrong = GenerationFiles.Texts([.. Enumerable.Range(0, 8).Select(i => i < 4 ? "{}" : "{")]);
        var verdict = Gate.Judge(harness, cases, GenerationFiles.Models(wrong, wrong), "linux-x64").Verdict;
        Assert.Equal([(Short, CheckResult.Pass), (Long, CheckResult.Fail)], verdict.Checks.Select(check => (check.Slice, check.Result)));
    }

    [Fact]
    public void Prompts_that_nobody_counted_are_never_judged()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Prompts(folder, $$"""{ "dimension": "checks", "slice": "{{Short}}", "min": 0.5, "mode": "point" }""", count: null);
        var texts = GenerationFiles.Texts([.. Enumerable.Repeat("{}", 8)]);
        Assert.Throws<ArgumentException>(() => Gate.Judge(harness, cases, GenerationFiles.Models(texts, texts), "linux-x64"));
    }

    [Fact]
    public void The_time_to_the_first_token_has_a_floor_for_long_prompts()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Prompts(folder, $$"""{ "metric": "ttft.p50", "slice": "{{Short}}", "max": 20 }, { "metric": "ttft.p50", "slice": "{{Long}}", "max": 20 }""", Words);
        var timed = TimedCases.Choose(cases, 40).Blocks;
        Assert.Equal([20, 20], timed.CountBy(index => index < 4).Select(count => count.Value));
        double[] seconds = [.. timed.SelectMany(index => Enumerable.Repeat(index < 4 ? 0.01 : 0.05, 2))];
        var figures = new ModelFigures { Seconds = seconds, FirstTokenSeconds = seconds, TokenSeconds = seconds, LoadSeconds = [1, 1], FirstSeconds = [1, 1] };
        var record = new PerformanceRecord("linux-x64", "", MeasurementState.Measured) { Blocks = [.. timed], Parent = figures, Candidate = figures };
        var texts = GenerationFiles.Texts([.. Enumerable.Repeat("{}", 8)]);
        var checks = Gate.Judge(harness, cases, GenerationFiles.Models(texts, texts) with { Performance = () => [record] }, "linux-x64").Verdict.Checks;
        Assert.Equal([(10.0, CheckResult.Pass), (50.0, CheckResult.Fail)], checks.Select(check => (Math.Round(check.Candidate, 6), check.Result)));
    }

    [Fact]
    public void Texts_in_parts_are_timed_whole()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Texts(folder, $""" "window": 8, {Lengths} """, """{ "metric": "p50", "slice": "*", "max": 20 }""", 20, 3);
        var timed = TimedCases.Choose(cases, 6);
        Assert.Equal([0, 3, 6, 0, 3, 6], timed.Blocks);
        // Three windows each, all of them.
        Assert.Equal([0, 3, 6, 9, 12, 15, 18], timed.Write(harness, cases, folder["timed.bin"]).FirstRows);
        var figures = new ModelFigures { Seconds = [.. Enumerable.Repeat(0.01, 12)], LoadSeconds = [1, 1], FirstSeconds = [1, 1] };
        var record = new PerformanceRecord("linux-x64", "", MeasurementState.Measured) { Blocks = [.. timed.Blocks], Parent = figures, Candidate = figures };
        var outputs = Outputs(cases, (_, _) => -1);
        var verdict = Gate.Judge(harness, cases, new EvaluatedModels(outputs, outputs) { Performance = () => [record] }, "linux-x64").Verdict;
        var check = Assert.Single(verdict.Checks);
        Assert.Equal(("common", 3), (check.Slice, check.Cases));
    }

    [Fact]
    public void A_dimension_without_a_floor_on_a_context_length_is_named()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Texts(folder, $""" "window": 8, {Lengths} """, $$"""{ "dimension": "fluency", "slice": "common", "min": 0 }, { "dimension": "fluency", "slice": "{{Short}}", "min": 0 }""", 8, 2,
            """ "dimensions": [ { "name": "fluency", "scorers": [ { "scorer": "perplexity", "zeroAt": 100, "oneAt": 1 } ] }, { "name": "latency", "scorers": [ { "scorer": "p90", "target": 20, "limit": 80 } ] } ], """);
        var found = UngatedDimensions.Of(harness, cases).Select(one => one.Message).ToList();
        Assert.Equal($"The dimension 'fluency' has no floor on {Middle}, {Long}: it is measured there and decides nothing.", found[0]);
        Assert.Equal("The dimension 'latency' has no floor on common: it is measured there and decides nothing.", found[1]);
    }

    [Theory]
    [InlineData("""[]""", "perplexity", "context:0-2", "PB1012", "[]")]
    [InlineData("""16""", "perplexity", "context:0-2", "PB1012", "16")]
    [InlineData("""[0, 5]""", "perplexity", "context:0-2", "PB1012", "0, 5")]
    [InlineData("""[2, -5]""", "perplexity", "context:0-2", "PB1012", "-5")]
    [InlineData("""[2, 2.5]""", "perplexity", "context:0-2", "PB1012", "2.5")]
    [InlineData("""[5, 2]""", "perplexity", "context:0-2", "PB1012", "2]")]
    [InlineData("""[2, 2]""", "perplexity", "context:0-2", "PB1012", "2]")]
    [InlineData("""[2, 7]""", "perplexity", "context:0-2", "PB1012", "7]")]
    [InlineData("""[2, 5]""", "perplexity", "context:0-5", "PB1012", "\"context:0-5\"")]
    [InlineData("""[2, 5]""", "perplexity", "context:5+", "PB1012", "\"context:5+\"")]
    [InlineData("""[2, 5]""", "p90", "context:6+", "PB1012", "\"context:6+\"")]
    [InlineData(null, "perplexity", "context:0-2", "PB1012", "\"context:0-2\"")]
    [InlineData("""[2, 6]""", "perplexity", "context:7+", "PB1032", "\"context:7+\"")]
    public void Lengths_and_floors_that_make_no_sense_are_refused_where_they_are(string? lengths, string metric, string slice, string code, string at)
    {
        using var folder = new TemporaryFolder();
        var keys = lengths is null ? "" : $"\"contextLengths\": {lengths},";
        var error = HarnessFiles.Fails(code, () => Texts(folder, $""" "window": 8, {keys} """, $$"""{ "metric": "{{metric}}", "slice": "{{slice}}", "max": 9 }""", length: 6, count: 2));
        Assert.Equal((folder["harness.json"], HarnessFiles.Find(File.ReadAllText(folder["harness.json"]), at)), (error.File, (error.Line, error.Column)));
    }

    [Fact]
    public void Bytes_of_a_whole_text_say_nothing_about_its_parts()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("c.jsonl", """{"id":"a","slice":"common","tokens":[1,2,3,4],"bytes":17}""");
        folder.Write("tok.json", "tokenizer");
        var error = HarnessFiles.Fails("PB1012", () => TaskFiles.Create(
            folder, "language", $""" "window": 8, "tokenizer": "tok.json", {Lengths} """, """{ "jsonl": "c.jsonl" }""", AnyPerplexity));
        Assert.Equal((path, 1, 55), (error.File, error.Line, error.Column));
    }

    [Fact]
    public void Only_language_models_have_a_context()
    {
        using var folder = new TemporaryFolder();
        var error = HarnessFiles.Fails("PB1011", () => TaskFiles.Create(
            folder, "embedding", $""" "input": {"{}"}, {Lengths} """, """{ "jsonl": "c.jsonl" }""", """{ "metric": "cosine", "slice": "*", "min": 0 }"""));
        Assert.Equal(HarnessFiles.Find(File.ReadAllText(folder["harness.json"]), "\"contextLengths\"").Line, error.Line);
    }

    private static int Words(string caseId, WritingPrompt prompt, WritingSettings settings) => prompt.Text!.Split(' ').Length;

    /// <summary>Four prompts of one word and four of six.</summary>
    private static (Harness Harness, CaseSet Cases) Prompts(TemporaryFolder folder, string floors, CountPromptTokens? count)
    {
        folder.Write("cases.jsonl", string.Join('\n', Enumerable.Range(0, 8).Select(i =>
            $$"""{ "id": "c{{i}}", "slice": "common", "prompt": "{{(i < 4 ? "one" : "one two three four five six")}}", "expect": [ { "type": "json" } ] }""")));
        var harness = Harness.Load(folder.Write("harness.json", $$"""
            { "version": 1, "task": "generation", {{GenerationFiles.Settings}} {{Lengths}} "cases": [ { "jsonl": "cases.jsonl" } ], "floors": [ {{floors}} ] }
            """));
        return (harness, CaseSet.Load(harness, count));
    }

    /// <summary>Texts of so many tokens each.</summary>
    private static (Harness Harness, CaseSet Cases) Texts(TemporaryFolder folder, string keys, string floors, int length, int count, string dimensions = "")
    {
        folder.Write("c.jsonl", string.Join('\n', Enumerable.Range(0, count).Select(i => $$"""{"id":"t{{i}}","slice":"common","tokens":[{{string.Join(',', Enumerable.Repeat(1, length))}}]}""")));
        folder.Write("tok.json", "tokenizer");
        return TaskFiles.Create(folder, "language", $""" "tokenizer": "tok.json", {keys} """, """{ "jsonl": "c.jsonl" }""", floors, dimensions);
    }

    /// <summary>A model that gives every token a log-likelihood by its window and the tokens before it there.</summary>
    private static ModelOutputs Outputs(CaseSet cases, Func<int, int, double> likelihood) => new(
        [.. cases.Inputs.Select((one, index) => Enumerable.Range(one.FirstScored, one.Tokens.Length - one.FirstScored).Select(before => (float)likelihood(index, before)).ToArray())]);
}
