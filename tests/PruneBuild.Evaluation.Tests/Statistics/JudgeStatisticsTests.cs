using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Statistics;

public class JudgeStatisticsTests
{
    [Fact]
    public void Kappa_of_Agrestis_table_is_that_of_the_literature()
    {
        // A. Agresti, "Categorical data analysis" (1990), page 376: husbands and wives; kappa 0.129, asymptotic standard error 0.0686.
        var kappa = CohensKappa.Of(new[,] { { 7, 7, 2, 3 }, { 2, 8, 3, 7 }, { 1, 5, 4, 9 }, { 2, 8, 9, 14 } });
        Assert.Equal(0.1293303, kappa.Kappa, 7);
        Assert.Equal(0.0685985, kappa.StandardError, 7);
    }

    [Fact]
    public void Kappa_of_two_readers_of_fifty_applications()
    {
        var kappa = CohensKappa.Of(new[,] { { 20, 5 }, { 10, 15 } });
        Assert.Equal((0.4, 0.7, 50), (Math.Round(kappa.Kappa, 12), kappa.Agreement, kappa.Cases));
        Assert.Equal(0.1269961, kappa.StandardError, 7);
        Assert.Equal(0.4 - (1.6448536 * 0.1269961), kappa.LowerBound(0.95), 6);
    }

    [Fact]
    public void Kappa_has_no_value_for_one_label_and_is_0_for_independent_raters()
    {
        Assert.True(double.IsNaN(CohensKappa.Of(new[,] { { 9, 0 }, { 0, 0 } }).Kappa));
        Assert.Equal(0, CohensKappa.Of(new[,] { { 12, 28 }, { 18, 42 } }).Kappa, 12);
        Assert.Equal(-1, CohensKappa.Of(new[,] { { 0, 5 }, { 5, 0 } }).Kappa, 12);
    }

    [Fact]
    public void Full_agreement_on_a_few_cases_proves_little()
    {
        var few = CohensKappa.Of(new[,] { { 5, 0 }, { 0, 5 } });
        Assert.Equal(1, few.Kappa, 12);
        Assert.InRange(few.LowerBound(0.95), 0.5, 0.6);
        Assert.InRange(CohensKappa.Of(new[,] { { 500, 0 }, { 0, 500 } }).LowerBound(0.95), 0.99, 1);
    }

    [Fact]
    public void The_corrected_proportion_is_that_of_Rogan_and_Gladen()
    {
        // (0.5 + 0.9 - 1) / (0.8 + 0.9 - 1).
        var corrected = RoganGladenInterval.Of(100, 200, 80, 100, 90, 100, 0.95)!;
        Assert.Equal(4.0 / 7, corrected.Estimate, 12);
        Assert.InRange(corrected.Lower, 0.4, 4.0 / 7);
        Assert.InRange(corrected.Upper, 4.0 / 7, 0.75);
        Assert.Null(RoganGladenInterval.Of(100, 200, 30, 100, 70, 100, 0.95));
        // A judge that is never wrong corrects nothing.
        Assert.Equal(0.5, RoganGladenInterval.Of(100, 200, 1000, 1000, 1000, 1000, 0.95)!.Estimate, 12);
    }

    [Fact]
    public void Corrected_intervals_cover_the_truth_where_the_judges_own_do_not()
    {
        const double Truth = 0.7, Sensitivity = 0.85, Specificity = 0.75;
        var (corrected, powered, raw) = (0, 0, 0);
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            (double Human, double Judge) Draw()
            {
                var human = random.NextDouble() < Truth;
                var judge = random.NextDouble() < (human ? Sensitivity : 1 - Specificity);
                return (human ? 1 : 0, judge ? 1 : 0);
            }
            var labelled = Enumerable.Range(0, 200).Select(_ => Draw()).ToArray();
            var judged = Enumerable.Range(0, 1000).Select(_ => Draw().Judge).ToArray();
            int Count(double human, double judge) => labelled.Count(one => one.Human == human && one.Judge == judge);
            var interval = RoganGladenInterval.Of(
                (int)judged.Sum(), judged.Length, Count(1, 1), Count(1, 1) + Count(1, 0), Count(0, 0), Count(0, 0) + Count(0, 1), 0.95)!;
            var mean = PredictionPoweredMean.Of(judged, [.. labelled.Select(one => one.Human - one.Judge)], 0.95);
            if (interval.Lower <= Truth && Truth <= interval.Upper) corrected++;
            if (mean.Lower <= Truth && Truth <= mean.Upper) powered++;
            if (WilsonInterval.LowerBound(judged.Sum(), judged.Length, 0.975) <= Truth && Truth <= WilsonInterval.UpperBound(judged.Sum(), judged.Length, 0.975)) raw++;
        }
        // 380 of 400 are expected; the standard deviation is 4.4.
        Assert.InRange(corrected, 366, 400);
        Assert.InRange(powered, 366, 394);
        Assert.InRange(raw, 0, 250);
    }

    [Fact]
    public void Welchs_interval_is_that_of_the_t_test()
    {
        // By hand: standard error 0.95339306 with 6.98700 degrees of freedom, whose quantile of 0.975 is 2.36551661.
        var interval = WelchInterval.Of([3, 4, 1, 2.1], [5, 4, 7, 6, 8], 0.95);
        Assert.Equal(3.475, interval.Difference, 12);
        Assert.Equal(1.219733, interval.Lower, 5);
        Assert.Equal(5.730267, interval.Upper, 5);
        Assert.True(interval.ExcludesZero);
        Assert.False(WelchInterval.Of([1, 2, 3], [2, 1, 3.5], 0.95).ExcludesZero);
        Assert.Equal(new WelchInterval(1, 1, 1), WelchInterval.Of([1, 1], [2, 2], 0.95));
    }
}
