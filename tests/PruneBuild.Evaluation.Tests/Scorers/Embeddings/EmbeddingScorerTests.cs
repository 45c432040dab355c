using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.Embeddings;

public class EmbeddingScorerTests
{
    // Definition: 32 / √(14 · 77).
    [Theory]
    [InlineData(1f)]
    [InlineData(1e15f)]
    [InlineData(1e-15f)]
    public void The_cosine_does_not_depend_on_length(float scale) => Measured.Is(
        32 / Math.Sqrt(14 * 77),
        new CosineSimilarity().Measure(new EmbeddingPair([scale, 2 * scale, 3 * scale], [4, 5, 6])));

    [Fact]
    public void A_vector_of_zeros_has_no_direction() =>
        Measured.IsMissing("zero", new CosineSimilarity().Measure(new EmbeddingPair([0, 0], [1, 1])));

    // Cosines 1, 0.8, 0.6, 0 against judgements 5, 3, 4, 1: one exchange of neighbours of four, ρ = 1 − 6·2 / (4·15).
    [Fact]
    public void Judged_similarity_is_compared_by_rank() => Measured.Is(
        0.8,
        Measured.Sample(
            new StsSpearman(),
            new EmbeddingPair([1, 0], [2, 0], 5),
            new EmbeddingPair([1, 0], [0.8f, 0.6f], 3),
            new EmbeddingPair([1, 0], [0.6f, 0.8f], 4),
            new EmbeddingPair([1, 0], [0, 1], 1)));

    [Fact]
    public void Pairs_that_nobody_judged_are_not_scored() =>
        Measured.IsMissing("case 0", Measured.Sample(new StsSpearman(), new EmbeddingPair([1, 0], [2, 0]), new EmbeddingPair([1, 0], [0, 1], 1)));
}
