using CsCheck;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.Classification;

public class ProbabilityScorerTests
{
    // Example in scikit-learn's reference of log_loss (0.21616): ham is 0, spam is 1.
    [Fact]
    public void Log_loss_agrees_with_scikit_learn() => Measured.Is(
        0.2161618747,
        Measured.Mean(new LogLoss(), Measured.Probabilities([1, 0, 0, 1], [0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65])));

    [Fact]
    public void A_probability_of_zero_counts_as_the_smallest_step() =>
        Measured.Is(52 * Math.Log(2), new LogLoss().Measure(new ClassificationCase(0, 1, [0, 1])));

    // Example in scikit-learn's reference of brier_score_loss.
    [Fact]
    public void Brier_score_agrees_with_scikit_learn() => Measured.Is(
        0.0375,
        Measured.Mean(new BrierScore(), Measured.Probabilities([0, 1, 1, 0], [0.9, 0.1], [0.1, 0.9], [0.2, 0.8], [0.7, 0.3])));

    // Definition: half of 0.5² + 0.3² + 0.2².
    [Fact]
    public void Brier_score_of_three_classes_follows_its_definition() =>
        Measured.Is(0.19, new BrierScore().Measure(new ClassificationCase(0, 0, [0.5, 0.3, 0.2])));

    // Example in scikit-learn's reference of top_k_accuracy_score; rows scaled to add up to 1.
    [Fact]
    public void Top_k_accuracy_agrees_with_scikit_learn() => Measured.Is(
        0.75,
        Measured.Mean(new TopKAccuracy(2), Measured.Scaled([0, 1, 2, 2], [0.5, 0.2, 0.2], [0.3, 0.4, 0.2], [0.2, 0.4, 0.3], [0.7, 0.2, 0.1])));

    [Fact]
    public void Of_tied_classes_the_lowest_come_first()
    {
        Measured.Is(1, new TopKAccuracy(1).Measure(new ClassificationCase(0, 0, [0.4, 0.4, 0.2])));
        Measured.Is(0, new TopKAccuracy(1).Measure(new ClassificationCase(1, 0, [0.4, 0.4, 0.2])));
    }

    [Fact]
    public void With_as_many_places_as_classes_nothing_is_measured() =>
        Measured.IsMissing("every answer", new TopKAccuracy(5).Measure(new ClassificationCase(0, 0, [0.5, 0.3, 0.2])));

    // Example in scikit-learn's reference of roc_auc_score.
    [Fact]
    public void Area_under_ROC_agrees_with_scikit_learn() => Measured.Is(
        0.75,
        Measured.Sample(new AreaUnderRoc(false), Measured.Probabilities([0, 0, 1, 1], [0.9, 0.1], [0.6, 0.4], [0.65, 0.35], [0.2, 0.8])));

    // Mann-Whitney: of the two pairs one is tied and one won.
    [Fact]
    public void A_tie_counts_half() =>
        Measured.Is(0.75, Measured.Sample(new AreaUnderRoc(false), Measured.Probabilities([0, 1, 1], [0.7, 0.3], [0.7, 0.3], [0.1, 0.9])));

    // Class 0 wins both pairs, class 1 one and a tie, class 2 a tie: (1 + 0.75 + 0.25) / 3.
    [Fact]
    public void One_against_the_rest_is_the_mean_over_classes() => Measured.Is(
        2 / 3.0,
        Measured.Sample(new AreaUnderRoc(true), Measured.Probabilities([0, 1, 2], [0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.4, 0.5, 0.1])));

    [Fact]
    public void A_class_without_cases_leaves_no_area()
    {
        Measured.IsMissing("class 1", Measured.Sample(new AreaUnderRoc(false), Measured.Probabilities([0, 0], [0.7, 0.3], [0.6, 0.4])));
        Measured.IsMissing("class 2", Measured.Sample(new AreaUnderRoc(true), Measured.Probabilities([0, 1], [0.7, 0.2, 0.1], [0.3, 0.5, 0.2])));
        Measured.IsMissing("use auc.ovr", Measured.Sample(new AreaUnderRoc(false), Measured.Scaled([0, 1, 2], [1, 1, 2], [1, 2, 1], [2, 1, 1])));
    }

    [Fact]
    public void A_resampled_area_is_that_of_the_copied_cases() =>
        Gen.Select(Gen.Int[0, 4].Array[2, 12], Gen.Int[0, 11].Array[2, 20]).Sample((levels, draws) =>
        {
            var cases = levels.Select((level, i) => new ClassificationCase(i % 2, 0, [1 - (level / 4.0), level / 4.0])).ToArray();
            var indices = draws.Select(draw => draw % cases.Length).ToArray();
            var copied = Measured.Sample(new AreaUnderRoc(false), [.. indices.Select(i => cases[i])]);
            Assert.Equal(copied.Value, new AreaUnderRoc(false).Prepare(cases).Measure(indices).Value);
        });

    // Example in torchmetrics' reference of MulticlassCalibrationError, 3 bins, l1.
    [Fact]
    public void Calibration_error_agrees_with_torchmetrics() => Measured.Is(
        0.2,
        Measured.Sample(
            new CalibrationError(3),
            Measured.Probabilities([0, 1, 2, 0], [0.25, 0.20, 0.55], [0.55, 0.05, 0.40], [0.10, 0.30, 0.60], [0.90, 0.05, 0.05])));

    [Fact]
    public void The_reliability_diagram_shows_the_bins()
    {
        var bins = new CalibrationError(5).Diagram(Measured.Probabilities([0, 1, 0], [0.6, 0.4], [0.6, 0.4], [1.0, 0.0]));
        Assert.NotNull(bins);
        Assert.Equal([0, 0, 2, 0, 1], bins.Select(bin => bin.Cases));
        Assert.Equal(new ReliabilityBin(0.4, 0.6, 2, 0.6, 0.5), bins[2]);
        Assert.Equal(new ReliabilityBin(0.6, 0.8, 0, null, null), bins[3]);
        Assert.Null(new CalibrationError(5).Diagram([new ClassificationCase(0, 0)]));
    }

    // A confidence on an edge belongs to the bin below it, whatever the product with the number of bins rounds to.
    [Fact]
    public void Every_confidence_lies_in_its_bin() =>
        Gen.Select(Gen.Int[1, 100], Gen.Int[0, 100]).Sample((count, edge) =>
        {
            var confidence = Math.Max(0.5, (double)Math.Min(edge, count) / count);
            var bins = new CalibrationError(count).Diagram([new ClassificationCase(0, 0, [confidence, 1 - confidence])])!;
            var bin = Assert.Single(bins, bin => bin.Cases == 1);
            Assert.True(confidence > bin.Low && confidence <= bin.High);
        });

    // Softmax of (0, ln 3) is (1/4, 3/4).
    [Fact]
    public void Logits_become_probabilities()
    {
        var input = ClassificationCase.FromLogits(0, [1000, 1000 + MathF.Log(3)]);
        Assert.Equal(1, input.Answer);
        Assert.Equal(0.25, input.Probabilities![0], tolerance: 1e-4);
        Assert.Null(ClassificationCase.FromLogits(0, []).Probabilities);
    }
}
