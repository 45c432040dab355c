using CsCheck;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.Regression;

public class RegressionScorerTests
{
    // Example in scikit-learn's references of mean_absolute_error, root_mean_squared_error and r2_score.
    private static readonly RegressionCase[] Example = Pairs([3, -0.5, 2, 7], [2.5, 0, 2, 8]);

    [Fact]
    public void Mean_absolute_error_agrees_with_scikit_learn() => Measured.Is(0.5, Measured.Mean(new MeanAbsoluteError(), Example));

    [Fact]
    public void Root_mean_square_error_agrees_with_scikit_learn() => Measured.Is(0.6123724357, Measured.Sample(new RootMeanSquareError(), Example));

    [Fact]
    public void Coefficient_of_determination_agrees_with_scikit_learn() =>
        Measured.Is(0.9486081370, Measured.Sample(new CoefficientOfDetermination(), Example));

    // Example in SciPy's reference of pearsonr.
    [Fact]
    public void Pearson_agrees_with_SciPy() =>
        Measured.Is(-0.7426106572325057, Measured.Sample(new PearsonCorrelation(), Pairs([1, 2, 3, 4, 5], [10, 9, 2.5, 6, 4])));

    // Example in SciPy's reference of spearmanr, which has a tie; and hours of television against IQ in Wikipedia's article.
    [Fact]
    public void Spearman_agrees_with_published_values()
    {
        Measured.Is(0.8207826816681233, Measured.Sample(new SpearmanCorrelation(), Pairs([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])));
        Measured.Is(
            -29 / 165.0,
            Measured.Sample(new SpearmanCorrelation(), Pairs([106, 100, 86, 101, 99, 103, 97, 113, 112, 110], [7, 27, 2, 50, 28, 29, 20, 12, 6, 17])));
    }

    // The mean of three times 0.1 is not 0.1, so a variance would not be 0.
    [Fact]
    public void Constant_numbers_have_no_correlation()
    {
        var flat = Pairs([0.1, 0.1, 0.1], [1, 2, 3]);
        Measured.IsMissing("the same", Measured.Sample(new PearsonCorrelation(), flat));
        Measured.IsMissing("the same", Measured.Sample(new SpearmanCorrelation(), flat));
        Measured.IsMissing("the same", Measured.Sample(new CoefficientOfDetermination(), flat));
    }

    [Fact]
    public void A_sum_that_overflows_is_no_number()
    {
        var huge = Pairs([1e300, -1e300], [-1e300, 1e300]);
        Assert.False(Measured.Sample(new RootMeanSquareError(), huge).IsMeasured);
        Assert.False(Measured.Sample(new PearsonCorrelation(), huge).IsMeasured);
    }

    [Fact]
    public void A_rising_function_of_the_predictions_leaves_Spearman_alone() =>
        Gen.Double[-10, 10].Array[3, 20].Sample(values =>
        {
            var targets = values.Select((_, i) => (double)i).ToArray();
            var plain = Measured.Sample(new SpearmanCorrelation(), Pairs(targets, values));
            var cubed = Measured.Sample(new SpearmanCorrelation(), Pairs(targets, [.. values.Select(value => 2 * value)]));
            Assert.Equal(plain, cubed);
        });

    private static RegressionCase[] Pairs(double[] targets, double[] predictions) =>
        [.. targets.Zip(predictions, (target, prediction) => new RegressionCase(target, prediction))];
}
