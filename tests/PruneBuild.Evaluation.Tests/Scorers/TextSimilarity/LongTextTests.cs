using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.TextSimilarity;

/// <summary>Alone, since tests that measure the memory of the process would see these texts.</summary>
[Collection(nameof(LongTextTests))]
[CollectionDefinition(nameof(LongTextTests), DisableParallelization = true)]
public class LongTextTests
{
    private const int TenMegabytes = 10_000_000;

    [Fact]
    public void Ten_megabytes_against_a_sentence_are_aligned()
    {
        var words = string.Concat(Enumerable.Repeat("word ", TenMegabytes / 5));
        Measured.Is(2.0 * 1 / (2_000_000 + 3), new RougeL().Measure(new TextPair(words, ["a word here"])));
        Measured.Is(TenMegabytes / 5 / 3.0, Measured.Sample(new WordErrorRate(), new TextPair(words, ["x y z"])));
    }

    [Fact]
    public void Equal_texts_of_ten_megabytes_cost_nothing()
    {
        var text = new string('x', TenMegabytes);
        Measured.Is(0, Measured.Sample(new CharacterErrorRate(), new TextPair(text, [text])));
        Measured.Is(1 / (double)(TenMegabytes + 1), Measured.Sample(new CharacterErrorRate(), new TextPair(text + "y", [text + "z"])));
    }

    [Fact]
    public void Alignments_that_would_take_hours_are_refused()
    {
        var pair = new TextPair("a " + string.Concat(Enumerable.Repeat("b ", 20_000)) + "c", ["d " + string.Concat(Enumerable.Repeat("e ", 20_000)) + "f"]);
        var diagnostic = HarnessFiles.Fails("PB5021", () => new RougeL().Measure(pair));
        Assert.StartsWith("'rougeL' would align 20002 with 20002 words", diagnostic.Message, StringComparison.Ordinal);
        HarnessFiles.Fails("PB5021", () => new WordErrorRate().Prepare([pair]));
        HarnessFiles.Fails("PB5021", () => new CharacterErrorRate().Prepare([pair]));
    }

    [Fact]
    public void N_grams_of_a_hundred_thousand_words_are_counted()
    {
        var text = string.Join(' ', Enumerable.Range(0, 100_000));
        Measured.Is(100, Measured.Sample(new Bleu(), new TextPair(text, [text])));
        Measured.Is(100, Measured.Sample(new ChrF(), new TextPair(text, [text])));
        Measured.Is(1, new TokenF1().Measure(new TextPair(text, [text])));
    }
}
