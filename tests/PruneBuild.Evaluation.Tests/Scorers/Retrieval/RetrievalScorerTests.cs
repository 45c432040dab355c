using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.Retrieval;

public class RetrievalScorerTests
{
    // Example in scikit-learn's reference of ndcg_score: relevances 10 0 0 1 5, scores .1 .2 .3 4 70.
    private static readonly RetrievalCase Example =
        new(["e", "d", "c", "b", "a"], new Dictionary<string, double> { ["a"] = 10, ["b"] = 0, ["c"] = 0, ["d"] = 1, ["e"] = 5 });

    [Fact]
    public void Ndcg_agrees_with_scikit_learn() => Measured.Is(0.6956940443813076, new NdcgAtK(5).Measure(Example));

    // Definition: (5 + 1/log₂3) / (10 + 5/log₂3).
    [Fact]
    public void Ndcg_compares_with_the_best_order_of_as_many() =>
        Measured.Is((5 + (1 / Math.Log2(3))) / (10 + (5 / Math.Log2(3))), new NdcgAtK(2).Measure(Example));

    [Theory]
    [InlineData(1, 1 / 3.0)]
    [InlineData(2, 2 / 3.0)]
    [InlineData(4, 2 / 3.0)]
    [InlineData(50, 1)]
    public void Recall_is_the_share_of_the_relevant(int k, double golden) => Measured.Is(golden, new RecallAtK(k).Measure(Example));

    // Wikipedia, "Mean reciprocal rank": cats, tori and viruses at ranks 3, 2 and 1.
    [Fact]
    public void Reciprocal_rank_agrees_with_the_published_example()
    {
        static RetrievalCase At(int rank) => new([.. Enumerable.Range(1, 3).Select(i => i == rank ? "right" : $"wrong{i}")], new Dictionary<string, double> { ["right"] = 1 });
        Measured.Is(11 / 18.0, Measured.Mean(new ReciprocalRank(), At(3), At(2), At(1)));
    }

    [Fact]
    public void What_was_not_found_counts_as_nothing()
    {
        var lost = new RetrievalCase(["x"], new Dictionary<string, double> { ["right"] = 1 });
        Measured.Is(0, new ReciprocalRank().Measure(lost));
        Measured.Is(0, new RecallAtK(10).Measure(lost));
        Measured.Is(0, new NdcgAtK(10).Measure(lost with { Ranked = [] }));
    }
}
