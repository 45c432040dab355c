using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers;

public class ScoreTests
{
    [Fact]
    public void Nothing_is_measured_by_default()
    {
        Assert.False(default(Score).IsMeasured);
        Assert.Equal("not measured: nothing was measured", default(Score).ToString());
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_number_that_is_not_finite_is_no_measurement(double value) =>
        Assert.Equal("the result is not finite", Score.Of(value).Reason);

    [Fact]
    public void The_mean_of_cases_has_no_number_when_one_case_has_none()
    {
        var scores = new CaseScores([Score.Of(1.0), Score.NotMeasured("there is no label"), Score.Of(0.0)]);
        Assert.Equal("case 1: there is no label", scores.Mean.Reason);
        Assert.Null(scores.Values);
    }

    [Fact]
    public void Values_of_cases_are_there_for_paired_statistics()
    {
        var scores = CaseScores.Of(new Accuracy(), Measured.Answers([0, 1, 2], [0, 2, 2]));
        Assert.Equal([1.0, 0.0, 1.0], scores.Values!);
        Measured.Is(2 / 3.0, scores.Mean);
    }

    [Fact]
    public void A_bootstrap_gets_NaN_for_a_resample_without_a_score()
    {
        var sample = new MatthewsCorrelation().Prepare(Measured.Answers([0, 0, 1], [0, 1, 1]));
        Func<ReadOnlySpan<int>, double> statistic = sample.Resampled();
        Assert.Equal(0.5, statistic([0, 1, 2]), tolerance: 1e-12);
        Assert.True(double.IsNaN(statistic([0, 1, 1])));
        Assert.True(double.IsNaN(statistic([])));
    }
}
