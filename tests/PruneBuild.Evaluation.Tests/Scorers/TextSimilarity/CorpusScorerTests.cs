using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.TextSimilarity;

public class CorpusScorerTests
{
    // The example of sacreBLEU's README; the value is in its test/test_bleu.py.
    private static readonly TextPair[] Readme =
    [
        new("The dog bit the man.", ["The dog bit the man.", "The dog had bit the man."]),
        new("It wasn't surprising.", ["It was not unexpected.", "No one was surprised."]),
        new("The man had just bitten him.", ["The man bit him first.", "The man had bitten the dog."]),
    ];

    [Fact]
    public void Bleu_agrees_with_sacreBLEU() => Measured.Is(48.530827, Measured.Sample(new Bleu(), Readme));

    // Definition: precisions 3/4, 2/3, 1/2 and, smoothed, half of 1/1; the root of the fourth order of 1/8.
    [Fact]
    public void An_order_without_matches_is_smoothed() =>
        Measured.Is(100 * Math.Pow(2, -0.75), Measured.Sample(new Bleu(), new TextPair("this is a fest", ["this is a test"])));

    // Definition: all precisions 1, brevity penalty exp(1 − 6/5).
    [Fact]
    public void A_short_output_is_penalized() =>
        Measured.Is(100 * Math.Exp(-0.2), Measured.Sample(new Bleu(), new TextPair("a b c d e", ["a b c d e f"])));

    [Theory]
    [InlineData("")]
    [InlineData("other words than these ones")]
    public void Nothing_in_common_is_zero(string output) =>
        Measured.Is(0, Measured.Sample(new Bleu(), new TextPair(output, ["this is a test"])));

    // mteval-v13a: entities undone, symbols apart, numbers whole, dashes apart after digits.
    [Fact]
    public void Words_are_those_of_mteval() => Measured.Is(
        100,
        Measured.Sample(new Bleu(), new TextPair("AT&amp;T paid $1,234.50, \"all\" of 10-20 well-known (ones).", ["AT & T paid $ 1,234.50 , \" all \" of 10 - 20 well-known ( ones ) ."])));

    [Fact]
    public void The_signature_names_what_must_be_the_same()
    {
        Assert.Equal("nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:prunebuild.1", new Bleu().Prepare(Readme).Signature);
        Assert.Equal("nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:no|beta:2|version:prunebuild.1", new ChrF().Prepare(Readme).Signature);
        Assert.StartsWith("nrefs:var|", new Bleu().Prepare([.. Readme, new TextPair("a", ["a"])]).Signature, StringComparison.Ordinal);
    }

    // sacreBLEU, test/test_chrf.py, with β = 3 and white space kept.
    [Theory]
    [InlineData(
        "Die Beziehung zwischen Obama und Netanjahu ist nicht gerade freundlich.",
        "Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.",
        67.3481606)]
    [InlineData(
        "risk assessment must be made of those who are qualified and expertise in the sector - these are the scientists .",
        "risk assessment has to be undertaken by those who are qualified and expert in that area - that is the scientists .",
        65.2414427)]
    public void Chrf_agrees_with_sacreBLEU(string output, string reference, double golden) =>
        Measured.Is(golden, Measured.Sample(new ChrF(3, keepsWhiteSpace: true), new TextPair(output, [reference])));

    // sacreBLEU, test/test_chrf.py, effective order.
    [Theory]
    [InlineData("a", "a", 100)]
    [InlineData("", "reference", 0)]
    [InlineData("a b c", "abc", 100)]
    [InlineData("aa", "ab", 25)]
    public void Chrf_of_short_texts_agrees_with_sacreBLEU(string output, string reference, double golden) =>
        Measured.Is(golden, Measured.Sample(new ChrF(), new TextPair(output, [reference])));

    [Fact]
    public void Chrf_adds_up_counts_of_cases_and_not_scores() =>
        Measured.Is(50, Measured.Sample(new ChrF(), new TextPair("a", ["a"]), new TextPair("b", ["c"])));

    // Wikipedia, "Levenshtein distance": kitten and sitting, Saturday and Sunday.
    [Theory]
    [InlineData("kitten", "sitting", 3 / 7.0)]
    [InlineData("Saturday", "Sunday", 3 / 6.0)]
    [InlineData("", "four", 1)]
    [InlineData(" same ", "same", 0)]
    [InlineData("😀a", "a", 1)]
    public void Character_error_rate_follows_Levenshtein(string output, string reference, double golden) =>
        Measured.Is(golden, Measured.Sample(new CharacterErrorRate(), new TextPair(output, [reference])));

    // Example in the README of jiwer; and a sum over two cases: (1 + 2) / (2 + 3).
    [Fact]
    public void Word_error_rate_agrees_with_jiwer()
    {
        var readme = new TextPair("hello duck", ["hello world"]);
        Measured.Is(0.5, Measured.Sample(new WordErrorRate(), readme));
        Measured.Is(0.6, Measured.Sample(new WordErrorRate(), readme, new TextPair("one", ["one two three"])));
    }

    [Fact]
    public void An_error_rate_needs_one_reference_that_is_not_empty()
    {
        Measured.IsMissing("one reference", Measured.Sample(new WordErrorRate(), new TextPair("a", ["a", "b"])));
        Measured.IsMissing("empty", Measured.Sample(new WordErrorRate(), new TextPair("a", [""])));
    }
}
