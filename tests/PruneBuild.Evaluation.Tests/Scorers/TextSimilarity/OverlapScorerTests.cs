using CsCheck;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.TextSimilarity;

public class OverlapScorerTests
{
    // Normalization of the SQuAD evaluation script: case, punctuation, articles, spaces.
    [Theory]
    [InlineData("The  Eiffel-Tower.", "eiffeltower", 1)]
    [InlineData("a cat", "the cat!", 1)]
    [InlineData("an answer", "answers", 0)]
    [InlineData("theatre", "atre", 0)]
    [InlineData("", "the", 1)]
    public void Exact_match_follows_SQuAD(string output, string reference, double golden) =>
        Measured.Is(golden, new ExactMatch().Measure(new TextPair(output, [reference])));

    // Definition: 2 · shared / (words of both).
    [Theory]
    [InlineData("the cat sat", "a cat sat down", 0.8)]
    [InlineData("cat cat cat", "cat", 0.5)]
    [InlineData("dog", "cat", 0)]
    [InlineData("", "the", 1)]
    [InlineData("", "cat", 0)]
    public void Token_F1_follows_SQuAD(string output, string reference, double golden) =>
        Measured.Is(golden, new TokenF1().Measure(new TextPair(output, [reference])));

    [Fact]
    public void The_best_reference_counts() =>
        Measured.Is(0.8, new TokenF1().Measure(new TextPair("cat sat", ["dog", "cat sat down", "cat"])));

    // Example in the README of Google's rouge_score, with words only; rouge2: 2 of 7 and 8 pairs of words.
    [Theory]
    [InlineData("rouge1", 0.70588235294117641)]
    [InlineData("rouge2", 4 / 15.0)]
    [InlineData("rougeL", 0.5882352941176471)]
    public void Rouge_agrees_with_rouge_score(string name, double golden) => Measured.Is(
        golden,
        Named(name).Measure(new TextPair("The quick brown dog jumps on the log.", ["The quick brown fox jumps over the lazy dog"])));

    // The example of Lin's paper: both have one pair of words in common, their order tells them apart.
    [Theory]
    [InlineData("police kill the gunman", 1 / 3.0, 0.75)]
    [InlineData("the gunman kill police", 1 / 3.0, 0.5)]
    public void Rouge_agrees_with_its_paper(string output, double rouge2, double rougeL)
    {
        var pair = new TextPair(output, ["police killed the gunman"]);
        Measured.Is(rouge2, new RougeN(2).Measure(pair));
        Measured.Is(rougeL, new RougeL().Measure(pair));
    }

    [Fact]
    public void Words_of_any_script_are_words() =>
        Measured.Is(0.5, new RougeN(1).Measure(new TextPair("hyvää päivää", ["Päivää, maailma"])));

    [Fact]
    public void A_reference_too_short_for_the_order_is_no_reference() =>
        Measured.IsMissing("2 words", new RougeN(2).Measure(new TextPair("one two", ["one"])));

    [Fact]
    public void A_text_is_like_itself_and_similarity_has_no_direction() =>
        Gen.Select(Gen.Int[0, 2].Select(i => new[] { "a1", "b2", "c3" }[i]).Array[1, 12], Gen.Int[0, 2].Select(i => new[] { "a1", "b2", "d4" }[i]).Array[1, 12]).Sample((x, y) =>
        {
            var (first, second) = (string.Join(' ', x), string.Join(' ', y));
            foreach (var scorer in new[] { Named("rouge1"), Named("rougeL"), Named("token_f1") })
            {
                Measured.Is(1, scorer.Measure(new TextPair(first, [first])));
                Assert.Equal(scorer.Measure(new TextPair(first, [second])), scorer.Measure(new TextPair(second, [first])));
            }
            // A common subsequence is made of common words.
            Assert.True(Named("rougeL").Measure(new TextPair(first, [second])).Value <= Named("rouge1").Measure(new TextPair(first, [second])).Value);
        });

    private static ICaseScorer<TextPair> Named(string name) => Assert.IsAssignableFrom<ICaseScorer<TextPair>>(ScorerRegistry.Find(name));
}
