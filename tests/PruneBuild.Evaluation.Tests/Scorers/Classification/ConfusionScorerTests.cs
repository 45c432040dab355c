using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.Classification;

public class ConfusionScorerTests
{
    // Example in scikit-learn's reference of f1_score.
    private static readonly ClassificationCase[] F1Example = Measured.Answers([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1]);

    [Theory]
    [InlineData(F1Average.Macro, 0.8 / 3)]
    [InlineData(F1Average.Micro, 1 / 3.0)]
    [InlineData(F1Average.Weighted, 0.8 / 3)]
    public void F1_agrees_with_scikit_learn(F1Average average, double golden) => Measured.Is(golden, Measured.Sample(new F1Score(average), F1Example));

    [Theory]
    [InlineData(0, 0.8)]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    public void F1_of_one_class_agrees_with_scikit_learn(int index, double golden) => Measured.Is(golden, Measured.Sample(new ClassF1(index), F1Example));

    [Fact]
    public void A_class_that_does_not_occur_has_no_F1() =>
        Measured.IsMissing("class 7 does not occur", Measured.Sample(new ClassF1(7), F1Example));

    // Definition: F1 of classes 0 and 1 is 1 and 0, they are the label two times and once.
    [Fact]
    public void Weights_are_those_of_the_labels() =>
        Measured.Is(2 / 3.0, Measured.Sample(new F1Score(F1Average.Weighted), Measured.Answers([0, 0, 1], [0, 0, 2])));

    // Definition: 2 right, 1 missed by no answer, no false alarm: 2·2 / (2·2 + 1).
    [Fact]
    public void A_case_without_an_answer_is_missed_and_no_false_alarm() =>
        Measured.Is(0.8, Measured.Sample(new F1Score(F1Average.Micro), Measured.Answers([0, 1, 1], [0, 1, Predictions.NotFinite])));

    // Example in scikit-learn's reference of balanced_accuracy_score.
    [Fact]
    public void Balanced_accuracy_agrees_with_scikit_learn() =>
        Measured.Is(0.625, Measured.Sample(new BalancedAccuracy(), Measured.Answers([0, 1, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1])));

    // Example in scikit-learn's reference of matthews_corrcoef; and the twelve cats and dogs of Wikipedia's "Phi coefficient".
    [Fact]
    public void Matthews_correlation_agrees_with_published_values()
    {
        Measured.Is(-1 / 3.0, Measured.Sample(new MatthewsCorrelation(), Measured.Answers([1, 1, 1, 0], [1, 0, 1, 1])));
        int[] labels = [.. Enumerable.Repeat(1, 8), .. Enumerable.Repeat(0, 4)];
        int[] answers = [.. Enumerable.Repeat(1, 6), 0, 0, 1, 0, 0, 0];
        Measured.Is(16 / Math.Sqrt(1120), Measured.Sample(new MatthewsCorrelation(), Measured.Answers(labels, answers)));
    }

    // Gorodkin's formula: 1 right of 5, labels 2 2 1, answers 1 2 2: (1·5 − 8) / √((25 − 9)(25 − 9)).
    [Fact]
    public void Matthews_correlation_of_three_classes_follows_its_formula() =>
        Measured.Is(-3 / 16.0, Measured.Sample(new MatthewsCorrelation(), Measured.Answers([0, 0, 1, 1, 2], [1, 1, 0, 2, 2])));

    [Fact]
    public void A_model_that_always_answers_the_same_has_no_correlation_and_a_sample_of_one_label_none_at_all()
    {
        Measured.Is(0, Measured.Sample(new MatthewsCorrelation(), Measured.Answers([0, 1, 1], [1, 1, 1])));
        Measured.IsMissing("the same label", Measured.Sample(new MatthewsCorrelation(), Measured.Answers([1, 1, 1], [1, 0, 1])));
    }

    [Fact]
    public void One_class_alone_can_be_right()
    {
        var right = Measured.Answers([3, 3], [3, 3]);
        Measured.Is(1, Measured.Sample(new BalancedAccuracy(), right));
        Measured.Is(1, Measured.Sample(new F1Score(F1Average.Macro), right));
    }

    [Fact]
    public void An_answer_that_is_not_finite_is_wrong() =>
        Measured.Is(0.5, Measured.Mean(new Accuracy(), ClassificationCase.FromLogits(1, [0, float.NaN]), ClassificationCase.FromLogits(1, [0, 1])));
}
