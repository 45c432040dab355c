using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;
using PruneBuild.Tests.Generation;

namespace PruneBuild.Tests.Tokenizers;

public sealed class TokenizerFaults
{
    [Theory]
    [InlineData("\"type\":\"BPE\"", "\"type\":\"WordPiece\"", "PB6111", "model.type is 'WordPiece'")]
    [InlineData("\"type\":\"ByteLevel\",\"add", "\"type\":\"BertPreTokenizer\",\"add", "PB6111", "pre_tokenizer.type is 'BertPreTokenizer'")]
    [InlineData("\"decoder\":{\"type\":\"ByteLevel\"}", "\"decoder\":{\"type\":\"WordPiece\"}", "PB6111", "decoder is 'WordPiece'")]
    [InlineData("\"decoder\":", "\"normalizer\":{\"type\":\"NFKC\"},\"decoder\":", "PB6111", "normalizer.type is 'NFKC'")]
    [InlineData("\"decoder\":", "\"post_processor\":{\"type\":\"BertProcessing\"},\"decoder\":", "PB6111", "post_processor.type is 'BertProcessing'")]
    [InlineData("\"unk_token\"", "\"end_of_word_suffix\":\"</w>\",\"unk_token\"", "PB6111", "model.end_of_word_suffix is '</w>'")]
    [InlineData("\"use_regex\":true}", "\"use_regex\":true},\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"[a-z&&[^b]]\"},\"content\":\"\"}", "PB6111", "another dialect")]
    [InlineData("\"use_regex\":true}", "\"use_regex\":true},\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"a++\"},\"content\":\"\"}", "PB6111", "does not read alike")]
    [InlineData("\"merges\":[]", "\"merges\":[\"a\"]", "PB6110", "not a pair")]
    [InlineData("\"merges\":[]", "\"merges\":[\"a b\"]", "PB6110", "the vocabulary lacks")]
    [InlineData("\"unk_token\":\"", "\"unk_token\":\"zzz", "PB6110", "damaged")]
    [InlineData("\"a\":3", "\"a\":-3", "PB6110", "numbers")]
    [InlineData("\"a\":3", "\"a\":2000000000", "PB6110", "numbers")]
    [InlineData("\"a\":3", "\"a\":\"3\"", "PB6110", "damaged")]
    [InlineData("{\"added_tokens\"", "{]\"added_tokens\"", "PB6110", "(1,2): it is not JSON")]
    public void What_cannot_be_used_is_refused_by_name(string before, string after, string code, string reason)
    {
        using var folder = new TemporaryFolder();
        TinyModel.WriteTokenizer(folder.Path);
        var text = File.ReadAllText(folder["tokenizer.json"]);
        Assert.Contains(before, text, StringComparison.Ordinal);
        File.WriteAllText(folder["tokenizer.json"], text.Replace(before, after, StringComparison.Ordinal));
        var error = Assert.Throws<EdgeModelException>(() => TextTokenizer.Load(folder.Path));
        Assert.Equal(code, error.Code);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_says_so()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(EdgeModelException.TokenizerInvalid, Assert.Throws<EdgeModelException>(() => TextTokenizer.Load(folder.Path)).Code);
        File.WriteAllBytes(folder["tokenizer.model"], [1, 2, 3, 4]);
        Assert.Equal(EdgeModelException.TokenizerInvalid, Assert.Throws<EdgeModelException>(() => TextTokenizer.Load(folder.Path)).Code);
    }

    [Fact]
    public void A_model_without_a_tokenizer_still_continues_tokens()
    {
        using var tiny = new TinyModel(change: folder => File.Delete(Path.Combine(folder, "tokenizer.json")));
        using var model = tiny.Open();
        using var generator = model.CreateGenerator();
        Assert.False(model.HasTokenizer);
        Assert.Equal(4, generator.Generate([1, 5], new() { MaxTokens = 4, IgnoreEndTokens = true }).Tokens.Count);
        Assert.Equal(EdgeModelException.TokenizerInvalid, Assert.Throws<EdgeModelException>(() => generator.Generate("a")).Code);
    }

    [Fact]
    public void Tokens_that_only_round_the_vocabulary_up_write_nothing()
    {
        using var tiny = new TinyModel(change: folder =>
        {
            var path = Path.Combine(folder, "tokenizer.json");
            File.WriteAllText(path, File.ReadAllText(path).Replace(",\"\\u0122\":39", "", StringComparison.Ordinal));
        });
        using var model = tiny.Open();
        using var generator = model.CreateGenerator();
        Assert.Equal((39, 40), (model.Tokenizer.Count, model.Vocabulary));
        var result = Enumerable.Range(0, 200).Select(seed => generator.Generate("a", new() { MaxTokens = 20, Temperature = 3, Seed = seed, IgnoreEndTokens = true }))
            .First(one => one.Tokens.Contains(39));
        Assert.Equal(model.Tokenizer.Decode(result.Tokens.Where(token => token < 39)), result.Text);
    }

    [Fact]
    public void A_tokenizer_of_a_larger_vocabulary_is_another_models()
    {
        using var tiny = new TinyModel(change: folder => TinyModel.WriteTokenizer(folder, first: 10));
        var error = Assert.Throws<EdgeModelException>(() => tiny.Open());
        Assert.Equal(EdgeModelException.VocabularyMismatch, error.Code);
        Assert.Contains("the model has logits of 40 tokens", error.Message, StringComparison.Ordinal);
    }
}
