using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.Fidelity;

public class FidelityScorerTests
{
    // Right both times, lost, won, wrong both times in the same way, wrong in another way, lost to an answer that is no number.
    private static readonly AnswerPair[] Answers =
        [new(0, 0, 0), new(0, 0, 1), new(0, 1, 0), new(0, 1, 1), new(0, 1, 2), new(0, 0, Predictions.NotFinite)];

    [Theory]
    [InlineData(Flip.RightToWrong, 2 / 6.0)]
    [InlineData(Flip.WrongToRight, 1 / 6.0)]
    [InlineData(Flip.Any, 4 / 6.0)]
    public void Flips_are_counted_both_ways(Flip flip, double golden) => Measured.Is(golden, Measured.Mean(new FlipRate(flip), Answers));

    // Wikipedia, "Kullback-Leibler divergence", basic example: P = (9, 12, 4) / 25 and Q uniform.
    [Fact]
    public void Divergence_agrees_with_the_published_example()
    {
        float[] p = [MathF.Log(9), MathF.Log(12), MathF.Log(4)];
        float[] q = [0, 0, 0];
        double ln2 = Math.Log(2), ln3 = Math.Log(3), ln5 = Math.Log(5);
        Measured.Is(((32 * ln2) + (55 * ln3) - (50 * ln5)) / 25, new MeanDivergence().Measure(new LogitPair([p], [q])));
        Measured.Is(((-4 * ln2) - (6 * ln3) + (6 * ln5)) / 3, new MeanDivergence().Measure(new LogitPair([q], [p])));
    }

    [Fact]
    public void A_candidate_that_is_the_parent_diverges_nowhere()
    {
        float[][] logits = [[1, -2, 300], [0.1f, 0.2f, 0.3f]];
        var pair = new LogitPair(logits, logits);
        Measured.Is(0, new MeanDivergence().Measure(pair));
        Measured.Is(0, Measured.Sample(new DivergencePercentile(), pair));
        Measured.Is(1, new TopOneAgreement().Measure(pair));
    }

    // 98 equal positions and two that differ: the 99th of 100 in rising order is the smaller of the two.
    [Fact]
    public void The_percentile_is_over_all_positions()
    {
        float[] parent = [0, 0], near = [0, MathF.Log(3)], far = [0, MathF.Log(9)];
        var quiet = new LogitPair([.. Enumerable.Repeat(parent, 98)], [.. Enumerable.Repeat(parent, 98)]);
        var loud = new LogitPair([parent, parent], [far, near]);
        // Of (1/2, 1/2) against (1/4, 3/4): ½ ln 2 + ½ ln ⅔ = ½ ln 4/3.
        Measured.Is(Math.Log(4 / 3.0) / 2, Measured.Sample(new DivergencePercentile(), quiet, loud));
    }

    [Fact]
    public void Agreement_is_the_share_of_equal_largest_logits() =>
        Measured.Is(0.5, new TopOneAgreement().Measure(new LogitPair([[1, 2], [3, 3]], [[0, 5], [1, 2]])));

    // Sums, not a mean of ratios: (90 + 1) / (100 + 2).
    [Fact]
    public void Lengths_are_summed_before_they_are_divided()
    {
        Measured.Is(91 / 102.0, Measured.Sample(new OutputLengthRatio(), new LengthPair(100, 90), new LengthPair(2, 1)));
        Measured.IsMissing("wrote nothing", Measured.Sample(new OutputLengthRatio(), new LengthPair(0, 3)));
    }
}
