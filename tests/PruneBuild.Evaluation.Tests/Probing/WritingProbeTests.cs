using System.Globalization;
using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Probing;
using PruneBuild.Evaluation.Profiles;
using PruneBuild.Evaluation.Tests.Tasks;

namespace PruneBuild.Evaluation.Tests.Probing;

/// <summary>Models that write, timed in a process of their own: what a text takes, its first token, and the others.</summary>
public sealed class WritingProbeTests
{
    private const int Cases = 12;

    [Fact]
    public void Orders_tell_the_first_token_and_the_others_of_the_last_text()
    {
        using var folder = new TemporaryFolder();
        using var answers = new StringWriter { NewLine = "\n" };
        ProbeServer.Serve(job => new WritingProbe(job, _ => new Writer(5)), new StringReader(string.Join("\n", Job(folder).ToLine(), "load", "first-token", "run 1", "first-token", "token", "peak")), answers);
        var numbers = answers.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line["done ".Length..], CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(6, numbers.Count);
        Assert.True(double.IsNaN(numbers[1]));
        Assert.Equal((0.5, 0.1), (numbers[3], Math.Round(numbers[4], 12)));
    }

    [Fact]
    public void A_text_of_one_token_has_no_others()
    {
        using var folder = new TemporaryFolder();
        using var probe = new WritingProbe(Job(folder), _ => new Writer(1));
        probe.Run(0);
        Assert.Equal(0.5, probe.FirstTokenSeconds());
        Assert.True(double.IsNaN(probe.TokenSeconds()));
    }

    [Fact]
    public void Every_measured_text_has_its_first_token_and_warm_ups_have_none()
    {
        using var folder = new TemporaryFolder();
        using var parent = new WritingProbe(Job(folder), _ => new Writer(5));
        using var candidate = new WritingProbe(Job(folder), _ => new Writer(3));
        var record = ProfileMeasurement.Measure(
            new ResourceProfile(""), parent, candidate, new TimedCases([0, 1]), new LatencyOptions { Blocks = 2, WarmUp = 3, WarmUpSeconds = 0, Seconds = 0.001, Loads = 1 }, CancellationToken.None);
        Assert.Equal(4, record.Parent.Seconds.Length);
        Assert.Equal([0.5, 0.5, 0.5, 0.5], record.Parent.FirstTokenSeconds);
        Assert.All(record.Candidate.TokenSeconds, seconds => Assert.Equal(0.1, seconds, 1e-12));
    }

    [Theory]
    [InlineData("ttft.p50", 60, CheckResult.Pass)]
    [InlineData("ttft.p90", 40, CheckResult.Fail)]
    [InlineData("tpot.p50", 11, CheckResult.Pass)]
    [InlineData("tpot.p90", 9, CheckResult.Fail)]
    public void Floors_look_at_first_tokens_and_at_the_others(string metric, double most, CheckResult expected)
    {
        using var folder = new TemporaryFolder();
        var loaded = GenerationFiles.Create(
            folder, $$"""{ "metric": "{{metric}}", "slice": "*", "max": {{most}} }""", "", [.. Enumerable.Range(0, Cases).Select(id => GenerationFiles.Line(id, "common", """ "reference": "x" """))]);
        var figures = new ModelFigures
        {
            Seconds = [.. Enumerable.Repeat(0.1, 2 * Cases)],
            FirstTokenSeconds = [.. Enumerable.Repeat(0.05, 2 * Cases)],
            // One text has one token.
            TokenSeconds = [double.NaN, double.NaN, .. Enumerable.Repeat(0.01, 2 * (Cases - 1))],
        };
        var record = new PerformanceRecord("linux-x64", "", MeasurementState.Measured) { Blocks = [.. Enumerable.Range(0, Cases)], Parent = figures, Candidate = figures };
        var texts = GenerationFiles.Texts([.. Enumerable.Repeat("x", Cases)]);
        var verdict = Gate.Judge(loaded.Harness, loaded.Cases, GenerationFiles.Models(texts, texts) with { Performance = () => [record] }, "linux-x64").Verdict;
        Assert.Equal(expected, Assert.Single(verdict.Checks).Result);
    }

    [Fact]
    public void A_classifier_has_no_first_token()
    {
        using var folder = new TemporaryFolder();
        folder.Write("c.jsonl", "");
        HarnessFiles.Fails("PB1075", () => Harness.Load(folder.Write(
            "harness.json", HarnessFiles.Json("""{ "jsonl": "c.jsonl" }""", """{ "metric": "ttft.p50", "slice": "*", "max": 1 }"""))));
    }

    private static ProbeJob Job(TemporaryFolder folder)
    {
        WritingProbe.Write(folder["prompts"], [new("one", []), new(null, [new("user", "two")])]);
        return new ProbeJob("model.onnx", 1, null, null, false, [], folder["prompts"], [0, 1, 2]) { Writing = new WritingJob(folder[""], new WritingSettings(5, [], false)) };
    }

    private sealed class Writer(int tokens) : ITextGenerator
    {
        public WrittenText Write(string caseId, WritingPrompt prompt, WritingSettings settings, CancellationToken cancellation) =>
            new("text", 3, tokens, TextEnd.Stop) { FirstTokenSeconds = 0.5, Seconds = 0.5 + ((tokens - 1) * 0.1) };

        public void Dispose()
        {
        }
    }
}
