using System.Runtime.InteropServices;
using CsCheck;

namespace PruneBuild.Evaluation.Tests.Tasks;

public class LanguageTests
{
    private const int Vocabulary = 7;

    private static readonly float[][] Logits = TaskFiles.Random(Vocabulary, Vocabulary, seed: 1);

    [Theory]
    [InlineData(64, 32, null)]
    [InlineData(8, 3, null)]
    [InlineData(8, 1, null)]
    [InlineData(8, 3, 2)]
    public void Each_token_but_the_first_is_scored_once_whatever_the_window(int window, int stride, int? startToken)
    {
        using var folder = new TemporaryFolder();
        int[] tokens = [.. Enumerable.Range(0, 50).Select(i => i * i % Vocabulary)];
        folder.Write("c.jsonl", $$"""{"id":"a","slice":"common","tokens":[{{string.Join(',', tokens)}}],"bytes":100}""");
        folder.Write("tok.json", "tokenizer");
        var start = startToken is null ? "" : $"\"startToken\": {startToken},";
        var (harness, cases) = TaskFiles.Create(
            folder, "language", $$""" "window": {{window}}, "stride": {{stride}}, "tokenizer": "tok.json", {{start}} """, """{ "jsonl": "c.jsonl" }""",
            """{ "metric": "perplexity", "slice": "*", "max": 100 }, { "metric": "bits_per_byte", "slice": "*", "max": 100 }""");

        var outputs = ModelRun.Evaluate(TaskFiles.Bigrams(folder, Logits), harness, cases, threads: 1);

        // With one token of context enough, the likelihood of the text does not depend on the windows.
        int[] text = startToken is { } first ? [first, .. tokens] : tokens;
        var expected = text.Zip(text.Skip(1), (before, token) => TaskFiles.LogProbability(Logits[before], token)).Sum();
        var scores = Gate.Judge(harness, cases, new EvaluatedModels(outputs, outputs), "linux-x64").Verdict.Scores!;
        Assert.Equal(Math.Exp(-expected / (text.Length - 1)), scores.First(score => score.Name == "perplexity").Parent!.Value, 1e-5);
        Assert.Equal(-expected / Math.Log(2) / 100, scores.First(score => score.Name == "bits_per_byte").Candidate!.Value, 1e-5);
        Assert.Equal($"c.jsonl|tok:sha256:{harness.Settings.TokenizerHash}|window:{window}|stride:{stride}|bos:{(startToken is null ? "no" : "yes")}", scores[0].Signature);
    }

    [Fact]
    public void Windows_cover_every_text_without_a_gap_or_a_repetition() => Gen.Select(Gen.Int[1, 60], Gen.Int[2, 12], Gen.Int[1, 12], Gen.Bool).Sample((length, window, stride, hasStart) =>
    {
        var settings = new TaskSettings { Window = window, Stride = Math.Min(stride, window - (hasStart ? 1 : 0)), StartToken = hasStart ? 999 : null };
        var windows = TokenWindows.Of([.. Enumerable.Range(0, length)], settings).ToList();
        int[] scored = [.. windows.SelectMany(one => one.Tokens.Skip(one.FirstScored))];
        Assert.All(windows, one => Assert.InRange(one.Tokens.Length, 2, window));
        Assert.Equal(scored.Distinct().Order(), scored);
        // What a window starts with has nothing before it, unless windows overlap or start with the start token.
        var isWhole = hasStart || settings.Stride < window;
        if (isWhole) Assert.Equal(Enumerable.Range(hasStart ? 0 : 1, length - (hasStart ? 0 : 1)), scored);
    });

    [Fact]
    public void A_file_of_tokens_gives_a_case_for_every_step_and_bytes_by_the_vocabulary()
    {
        using var folder = new TemporaryFolder();
        ushort[] tokens = [1, 2, 3, 4, 5, 6, 0, 1];
        folder.Write("t.u16", MemoryMarshal.AsBytes(tokens.AsSpan()).ToArray());
        ushort[] bytes = [1, 2, 3, 4, 5, 6, 7];
        folder.Write("b.u16", MemoryMarshal.AsBytes(bytes.AsSpan()).ToArray());
        folder.Write("tok.json", "tokenizer");
        var (_, cases) = TaskFiles.Create(
            folder, "language", """ "window": 4, "stride": 2, "tokenizer": "tok.json", "tokenBytes": "b.u16", "input": { "elementType": "uint16" }, """,
            """{ "slice": "common", "tokens": "t.u16" }""", """{ "metric": "bits_per_byte", "slice": "*", "max": 9 }""");
        Assert.Equal(["t.u16#0", "t.u16#1", "t.u16#2"], Enumerable.Range(0, cases.Count).Select(cases.Id));
        Assert.Equal([3 + 4 + 5, 6 + 7, 1 + 2], cases.Tasks.Select(one => one.Bytes[0]));
    }

    [Fact]
    public void Bits_of_texts_whose_bytes_nobody_knows_are_an_error()
    {
        using var folder = new TemporaryFolder();
        folder.Write("c.jsonl", """{"id":"a","slice":"common","tokens":[1,2,3]}""" + "\n" + """{"id":"b","slice":"common","tokens":[1,2,3]}""");
        folder.Write("tok.json", "tokenizer");
        var loaded = TaskFiles.Create(
            folder, "language", """ "window": 4, "tokenizer": "tok.json", """, """{ "jsonl": "c.jsonl" }""", """{ "metric": "bits_per_byte", "slice": "*", "max": 9 }""");
        var outputs = new ModelOutputs([[-1, -1], [-1, -1]]);
        var check = TaskFiles.Check(loaded, outputs, outputs);
        Assert.Equal(CheckResult.Error, check.Result);
        Assert.EndsWith("has no value: case 0: its bytes are not known; name tokenBytes in the harness, or bytes in the case", check.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PB1012", """{"id":"a","slice":"common","tokens":[1]}""", 37)]
    [InlineData("PB1012", """{"id":"a","slice":"common","tokens":[1,-2]}""", 40)]
    [InlineData("PB1011", """{"id":"a","slice":"common","tokens":[1,2],"label":1}""", 43)]
    [InlineData("PB1010", """{"id":"a","slice":"common","tokens":[1,2]} x""", 44)]
    public void A_text_that_cannot_be_scored_is_refused_where_it_is(string code, string line, int column)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("c.jsonl", """{"id":"z","slice":"common","tokens":[1,2]}""" + "\n\n" + line);
        folder.Write("tok.json", "tokenizer");
        var error = HarnessFiles.Fails(code, () => TaskFiles.Create(
            folder, "language", """ "window": 4, "tokenizer": "tok.json", """, """{ "jsonl": "c.jsonl" }""", """{ "metric": "perplexity", "slice": "*", "max": 9 }"""));
        Assert.Equal((path, 3, column), (error.File, error.Line, error.Column));
    }

    [Fact]
    public void A_token_that_the_model_does_not_know_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("c.jsonl", $$"""{"id":"a","slice":"common","tokens":[1,{{Vocabulary}}]}""");
        folder.Write("tok.json", "tokenizer");
        float[][] wide = [.. Logits, new float[Vocabulary]];
        var (harness, cases) = TaskFiles.Create(
            folder, "language", """ "window": 4, "tokenizer": "tok.json", """, """{ "jsonl": "c.jsonl" }""", """{ "metric": "perplexity", "slice": "*", "max": 9 }""");
        var error = HarnessFiles.Fails("PB5024", () => ModelRun.Evaluate(TaskFiles.Bigrams(folder, wide), harness, cases, threads: 1));
        Assert.Equal($"A case has the token {Vocabulary}; the model knows 0 to {Vocabulary - 1}.", error.Message);
    }

    [Fact]
    public void A_model_without_an_input_for_tokens_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("c.jsonl", """{"id":"a","slice":"common","tokens":[1,2]}""");
        folder.Write("tok.json", "tokenizer");
        var (harness, cases) = TaskFiles.Create(
            folder, "language", """ "window": 4, "tokenizer": "tok.json", """, """{ "jsonl": "c.jsonl" }""", """{ "metric": "perplexity", "slice": "*", "max": 9 }""");
        var path = folder.Write("m.onnx", Runs.TinyOnnx.Unary("Identity", null, 1));
        Assert.Equal(path, HarnessFiles.Fails("PB5023", () => ModelRun.Evaluate(path, harness, cases, threads: 1)).File);
    }
}
