using CsCheck;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Tokenizers;

/// <summary>
/// Tokenizers built as those of the model families are, over a small vocabulary trained for the purpose; the tokens are those that Hugging
/// Face's own implementation, tokenizers 0.22, gives.
/// </summary>
public sealed class TokenizerJsonTests
{
    private static readonly TokenizerCases Cases = new("tokenizer-cases.json");

    public static TheoryData<string> Names => [.. Cases.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Tokens_are_those_of_the_reference(string name) => Cases.AssertTokens(name);

    [Theory]
    [MemberData(nameof(Names))]
    public void Texts_of_tokens_are_those_of_the_reference(string name) => Cases.AssertTexts(name);

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama3")]
    [InlineData("smollm")]
    [InlineData("neox")]
    [InlineData("metaspace-first")]
    [InlineData("gemma")]
    public void Any_text_comes_back(string name)
    {
        var tokenizer = Cases.Load(name);
        // NeoX composes characters.
        var character = Gen.OneOf(Gen.Int[0, 0x7F], Gen.Int[0, 0xD7FF], Gen.Int[0xE000, 0x10FFFF]).Select(code => char.ConvertFromUtf32(code));
        character.Array[0, 40].Select(string.Concat).Select(text => name == "neox" ? CanonicalComposition.Of(text) : text)
            // That mark is a space to them, and one before the text is taken for the tokenizer's own.
            .Where(text => name is not ("metaspace-first" or "gemma") || !(text.StartsWith(' ') || text.Contains('\u2581', StringComparison.Ordinal)))
            .Sample(text => Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text))), iter: 2000, seed: "0000000000000");
    }

    [Fact]
    public void A_part_of_a_stream_never_has_half_a_character()
    {
        var tokenizer = Cases.Load("smollm");
        const string text = "é€😀 x 👩‍👩‍👧 𝐀!";
        var stream = tokenizer.CreateDecoder();
        var parts = tokenizer.Encode(text).Select(stream.Push).ToList();
        Assert.Equal("", stream.Flush());
        Assert.Equal(text, string.Concat(parts));
        Assert.Contains("", parts);
        Assert.All(parts, part => Assert.True(IsUnicode(part) && !part.Contains('\uFFFD', StringComparison.Ordinal)));
    }

    [Fact]
    public void A_character_that_lacks_bytes_at_the_end_becomes_a_replacement()
    {
        var tokenizer = Cases.Load("smollm");
        var tokens = tokenizer.Encode("a€");
        Assert.Equal("a\uFFFD", tokenizer.Decode(tokens.SkipLast(1)));
        Assert.Equal("a\uFFFDb", tokenizer.Decode([.. tokens.SkipLast(1), .. tokenizer.Encode("b")]));
    }

    [Fact]
    public void The_middle_of_a_text_keeps_its_first_space()
    {
        var tokenizer = Cases.Load("llama2");
        var tokens = tokenizer.Encode("the house", addSpecialTokens: false);
        Assert.Equal("the house", tokenizer.Decode(tokens));
        var stream = tokenizer.CreateDecoder(startsText: false);
        Assert.Equal(" the house", string.Concat(tokens.Select(stream.Push)));
    }

    /// <summary>The vocabulary of a test with scores by the order of merges, as SentencePiece stores it.</summary>
    [Fact]
    public void A_SentencePiece_model_of_the_same_vocabulary_gives_the_same_tokens()
    {
        var reference = Cases.Load("llama2");
        using var folder = new TemporaryFolder();
        SentencePieceFile.Write(folder["tokenizer.model"], Cases.VocabularyOf("llama2"));
        File.WriteAllText(folder["tokenizer_config.json"], """{ "bos_token": "<s>", "eos_token": { "content": "</s>" } }""");
        var tokenizer = TextTokenizer.Load(folder.Path);
        Assert.Equal((1, 2, reference.Count), (tokenizer.BeginToken, tokenizer.EndToken, tokenizer.Count));
        foreach (var text in new[] { "Hello there, it's the time!", "The quick brown fox jumps over the lazy dog.", "Où est la bibliothèque?", "😀 x", "the the the", "a    b", "<s>inner" })
        {
            Assert.Equal(reference.Encode(text), tokenizer.Encode(text));
            Assert.Equal(reference.Decode(reference.Encode(text)), tokenizer.Decode(tokenizer.Encode(text)));
        }
    }

    private static bool IsUnicode(string text)
    {
        for (var index = 0; index < text.Length; index++)
            if (char.IsSurrogate(text[index]) && (index + 1 == text.Length || !char.IsSurrogatePair(text[index], text[++index])))
                return false;
        return true;
    }
}
