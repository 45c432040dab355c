using System.Text.Json;
using HomeAssistant.Language;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Runtime.Text;
using PruneBuild.Tests;

namespace PruneBuild.Samples.Tests.HomeAssistant;

public sealed class CommittedAssistantTests
{
    private static readonly string _sample = Path.Combine(OnnxRuntimeNative.RepositoryRoot, "samples", "HomeAssistant");

    private static readonly string _model = Path.Combine(_sample, "models", "assistant");

    [Fact]
    public void The_committed_cases_are_what_the_grammar_says()
    {
        foreach (var (slice, count) in ExampleSets.GateCounts)
        {
            var lines = File.ReadAllLines(Path.Combine(_sample, "eval", "cases", $"{slice.ToString().ToLowerInvariant()}.jsonl"));
            Assert.Equal(count, lines.Length);
            foreach (var (line, example) in lines.Zip(ExampleSets.Gate(slice, count)))
            {
                using var json = JsonDocument.Parse(line);
                Assert.Equal(example.Sentence, json.RootElement.GetProperty("prompt").GetString());
                var whole = json.RootElement.GetProperty("expect").EnumerateArray().Single(check => check.GetProperty("type").GetString() == "equals");
                Assert.Equal(example.Answer.ToJson(), whole.GetProperty("value").GetRawText());
            }
        }
    }

    [Fact]
    public void The_tokenizer_reads_every_case_without_loss()
    {
        var tokenizer = TextTokenizer.Load(_model);
        Assert.All(ExampleSets.GateCounts.SelectMany(slice => ExampleSets.Gate(slice.Slice, slice.Count)), example =>
        {
            Assert.Equal(example.Sentence, tokenizer.Decode(tokenizer.Encode(example.Sentence)));
            Assert.Equal(example.Answer.ToJson(), tokenizer.Decode(tokenizer.Encode(example.Answer.ToJson())));
        });
    }

    [Fact]
    public void Calibration_tokens_begin_with_sentences_of_their_own_split()
    {
        var tokenizer = TextTokenizer.Load(_model);
        var bytes = File.ReadAllBytes(Path.Combine(_sample, "eval", "calibration.tokens.u16"));
        var row = Enumerable.Range(0, 128).Select(index => (int)BitConverter.ToUInt16(bytes, 2 * index)).ToArray();
        var first = ExampleSets.Calibration().First();
        var conversation = $"<|user|>{first.Sentence}<|end|><|assistant|>{first.Answer.ToJson()}<|end|>";
        var tokens = tokenizer.Encode(conversation, addSpecialTokens: false);
        Assert.Equal(tokens, row.Take(tokens.Count));
    }

    [Fact]
    public void The_committed_model_has_between_one_and_five_million_weights()
    {
        using var model = HuggingFaceModel.Open(_model);
        var of = model.Architecture;
        var layer = of.HiddenSize * of.HeadSize * (2 * of.Heads + 2 * of.KeyValueHeads) + 3 * of.HiddenSize * of.FeedForwardSize;
        Assert.InRange(of.Vocabulary * of.HiddenSize + of.Layers * layer, 1_000_000, 5_000_000);
        Assert.InRange(Directory.EnumerateFiles(_model).Sum(file => new FileInfo(file).Length), 0, 8_000_000);
    }

    [Theory]
    [InlineData(Slice.Common, 0.95)]
    [InlineData(Slice.Edge, 0.88)]
    [InlineData(Slice.Adversarial, 0.7)]
    public void The_committed_model_answers_the_committed_cases(Slice slice, double accuracy)
    {
        var imported = Directory.CreateTempSubdirectory("prunebuild-assistant-").FullName;
        try
        {
            using (var model = HuggingFaceModel.Open(_model))
                model.Import(imported);
            using var assistant = LanguageModel.Open(imported);
            using var generator = assistant.CreateGenerator();
            var examples = ExampleSets.Gate(slice, ExampleSets.GateCounts.Single(counted => counted.Slice == slice).Count).Where((_, index) => index % 4 == 0).ToList();
            var right = examples.Count(example => Answer(assistant, generator, example.Sentence) == example.Answer.ToJson());
            Assert.InRange((double)right / examples.Count, accuracy, 1);
        }
        finally
        {
            Directory.Delete(imported, recursive: true);
        }
    }

    private static string Answer(LanguageModel model, TextGenerator generator, string sentence)
    {
        var prompt = model.ChatTemplate.Render([new TemplateMessage("user", sentence)]);
        return generator.Generate(model.Tokenizer.Encode(prompt, addSpecialTokens: false), new GenerationOptions { MaxTokens = 128 }).Text;
    }
}
