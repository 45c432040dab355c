using System.Text.Json.Nodes;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Tokenizers;

/// <summary>Tokenizers built as those of model families are, over small vocabularies, with what Hugging Face's own implementation makes of some texts.</summary>
/// <param name="file">In the folder of the tests.</param>
internal sealed class TokenizerCases(string file)
{
    private readonly JsonObject cases = JsonNode.Parse(File.ReadAllText(
        Path.Combine(OnnxRuntimeNative.RepositoryRoot, "tests", "PruneBuild.Runtime.Text.Tests", "Tokenizers", file)))!.AsObject();

    public IEnumerable<string> Names => cases["tokenizers"]!.AsObject().Select(entry => entry.Key);

    public JsonObject VocabularyOf(string name) => cases["vocabularies"]![(string)Test(name)["vocabulary"]!]!.AsObject();

    public TextTokenizer Load(string name)
    {
        var document = Test(name)["tokenizer"]!.DeepClone();
        foreach (var (key, value) in VocabularyOf(name))
            document["model"]![key] = value!.DeepClone();
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tokenizer.json"], document.ToJsonString());
        return TextTokenizer.Load(folder.Path);
    }

    public void AssertTokens(string name)
    {
        var tokenizer = Load(name);
        var wrong = Expected(name).Select(test => (test.Text, Expected: string.Join(' ', test.Ids), Actual: string.Join(' ', tokenizer.Encode(test.Text))))
            .Where(test => test.Expected != test.Actual).Select(test => $"{test.Text}\n  {test.Expected}\n  {test.Actual}");
        Assert.Empty(wrong);
    }

    public void AssertTexts(string name)
    {
        var tokenizer = Load(name);
        var wrong = Expected(name).Select(test => (Expected: test.Decoded, Actual: tokenizer.Decode(test.Ids)))
            .Where(pair => pair.Expected != pair.Actual).Select(pair => $"{pair.Expected}\n{pair.Actual}");
        Assert.Empty(wrong);
    }

    private IEnumerable<(string Text, int[] Ids, string Decoded)> Expected(string name) => cases["texts"]!.AsArray().Select((text, index) =>
        ((string)text!, Test(name)["ids"]![index]!.AsArray().Select(id => (int)id!).ToArray(), (string)Test(name)["text"]![index]!));

    private JsonNode Test(string name) => cases["tokenizers"]![name]!;
}
