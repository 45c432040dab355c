using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;
using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Tokenizers;

/// <summary>Unigram vocabularies; the tokens are those that Hugging Face's own implementation, tokenizers 0.23, gives.</summary>
public sealed class UnigramTests
{
    private static readonly TokenizerCases Cases = new("unigram-cases.json");

    public static TheoryData<string> Names => [.. Cases.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Tokens_are_those_of_the_reference(string name) => Cases.AssertTokens(name);

    [Theory]
    [MemberData(nameof(Names))]
    public void Texts_of_tokens_are_those_of_the_reference(string name) => Cases.AssertTexts(name);

    /// <summary>Of all ways to cut a text none has a higher score: every one is tried.</summary>
    [Fact]
    public void No_other_way_to_cut_a_text_has_a_higher_score()
    {
        var piece = Gen.Char['a', 'c'].Array[1, 4].Select(letters => new string(letters));
        var pieces = Gen.Dictionary(piece, Gen.Int[-30, 5])[1, 12];
        Gen.Select(pieces, Gen.Char['a', 'd'].Array[1, 10].Select(letters => new string(letters))).Sample((vocabulary, text) =>
        {
            var unknown = vocabulary.Values.Append(0).Min() - 10;
            var tokenizer = Load(new JsonArray([new JsonArray("?", 0), .. vocabulary.Select(entry => (JsonNode)new JsonArray(entry.Key, entry.Value))]));
            var tokens = tokenizer.Encode(text);
            // Unknown letters that follow each other are one token.
            var known = tokens.Where(token => token > 0).Sum(token => vocabulary[tokenizer.TokenOf(token)!]);
            var letters = tokens.Where(token => token > 0).Sum(token => tokenizer.TokenOf(token)!.Length);
            Assert.Equal(Best(text, vocabulary, unknown), known + ((text.Length - letters) * unknown));
        }, iter: 2000, seed: "0000000000000");
    }

    [Fact]
    public void A_long_text_without_spaces_takes_time_in_proportion()
    {
        var tokenizer = Load(new JsonArray(new JsonArray("?", 0), new JsonArray("a", -2), new JsonArray(new string('a', 16), -3)));
        Assert.Equal(1 << 16, tokenizer.Encode(new string('a', 1 << 20)).Count);
    }

    [Fact]
    public void Texts_are_encoded_by_several_threads_at_once()
    {
        var tokenizer = Cases.Load("unigram-t5");
        string[] texts = [.. Enumerable.Range(0, 200).Select(index => $"the house {index.ToString(CultureInfo.InvariantCulture)} of the time")];
        var expected = texts.Select(text => string.Join(' ', tokenizer.Encode(text))).ToList();
        Assert.Equal(expected, texts.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Select(text => string.Join(' ', tokenizer.Encode(text))));
    }

    [Theory]
    [InlineData("""[["?", 0], ["a", NaN]]""", "0", "PB6110", "not JSON")]
    [InlineData("""[["?", 0], ["a", 1e999]]""", "0", "PB6110", "piece 1 of model.vocab")]
    [InlineData("""[["?", 0], ["", -1]]""", "0", "PB6110", "piece 1 of model.vocab")]
    [InlineData("""[["?", 0], ["a", -1], ["a", -2]]""", "0", "PB6110", "'a' twice")]
    [InlineData("""[["?", 0], ["a"]]""", "0", "PB6110", "not a text and a score")]
    [InlineData("""[["?", 0], ["a", "b"]]""", "0", "PB6110", "damaged")]
    [InlineData("""[["?", 0], [null, 1]]""", "0", "PB6110", "piece 1 of model.vocab")]
    [InlineData("""[["?", 0], 7]""", "0", "PB6110", "damaged")]
    [InlineData("""{"?": 0}""", "0", "PB6110", "damaged")]
    [InlineData("""[]""", "0", "PB6110", "0 pieces")]
    [InlineData("""[["?", 0]]""", "1", "PB6110", "model.unk_id is 1")]
    [InlineData("""[["?", 0]]""", "-1", "PB6110", "model.unk_id is -1")]
    [InlineData("""[["?", 0]]""", "0.5", "PB6110", "damaged")]
    [InlineData("""[["?", 0]]""", "null", "PB6111", "model.unk_id is 'null'")]
    public void A_vocabulary_that_cannot_be_used_is_refused(string vocabulary, string unknown, string code, string reason) =>
        AssertRefused(Document(vocabulary, unknown), code, reason);

    [Theory]
    [InlineData("", "damaged")]
    [InlineData("*", "damaged")]
    [InlineData("AAAAAA==", "ends within its array")]
    [InlineData("CAAAAAAAAAA=", "ends within its array")]
    public void A_map_of_characters_that_is_damaged_is_refused(string map, string reason) => AssertRefused(
        Document("""[["?", 0]]""", "0").Replace("\"normalizer\": null", $$"""
            "normalizer": { "type": "Precompiled", "precompiled_charsmap": "{{map}}" }
            """, StringComparison.Ordinal), "PB6110", reason);

    [Fact]
    public void A_map_that_makes_a_book_of_a_character_is_refused()
    {
        byte[] map = [.. BitConverter.GetBytes(sizeof(uint)), .. new byte[sizeof(uint)], .. "short\0"u8, .. Enumerable.Repeat((byte)'x', 1025)];
        A_map_of_characters_that_is_damaged_is_refused(Convert.ToBase64String(map), "more than 1024 bytes");
    }

    [Fact]
    public void A_map_of_characters_that_points_nowhere_changes_nothing()
    {
        // The root's children begin at 97 and 'a' there says that its leaf lies far beyond the array.
        var units = new uint[2 + 'a'];
        units[0] = 0;
        units['a'] = 'a' | 0x100 | (0x1FFFFFu << 10);
        byte[] map = [.. BitConverter.GetBytes(units.Length * sizeof(uint)), .. units.SelectMany(BitConverter.GetBytes)];
        var tokenizer = Load(new JsonArray(new JsonArray("?", 0), new JsonArray("a", -1)), $$"""
            { "type": "Precompiled", "precompiled_charsmap": "{{Convert.ToBase64String(map)}}" }
            """);
        Assert.Equal([1, 1], tokenizer.Encode("aa"));
    }

    private static int Best(string text, Dictionary<string, int> vocabulary, int unknown) => text.Length == 0 ? 0
        : Enumerable.Range(1, text.Length).Where(length => length == 1 || vocabulary.ContainsKey(text[..length]))
            .Max(length => vocabulary.GetValueOrDefault(text[..length], unknown) + Best(text[length..], vocabulary, unknown));

    private static TextTokenizer Load(JsonArray vocabulary, string normalizer = "null")
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tokenizer.json"], Document(vocabulary.ToJsonString(), "0").Replace("\"normalizer\": null", $"\"normalizer\": {normalizer}", StringComparison.Ordinal));
        return TextTokenizer.Load(folder.Path);
    }

    private static string Document(string vocabulary, string unknown) => $$"""
        { "normalizer": null, "pre_tokenizer": null, "decoder": { "type": "Fuse" }, "model": { "type": "Unigram", "unk_id": {{unknown}}, "vocab": {{vocabulary}} } }
        """;

    private static void AssertRefused(string document, string code, string reason)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tokenizer.json"], document);
        var error = Assert.Throws<EdgeModelException>(() => TextTokenizer.Load(folder.Path));
        Assert.Equal(code, error.Code);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
