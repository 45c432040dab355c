namespace PruneBuild.Evaluation;

/// <summary>Something that a floor can be about.</summary>
/// <param name="Name">As floors write it.</param>
/// <param name="Lowest">Least value.</param>
/// <param name="Highest">Largest value.</param>
/// <param name="HigherIsBetter">Whether a larger value is a better model.</param>
public sealed record Dimension(string Name, double Lowest, double Highest, bool HigherIsBetter)
{
    /// <summary>Share of right answers.</summary>
    public static Dimension Accuracy { get; } = new("accuracy", 0, 1, HigherIsBetter: true);

    /// <summary>Mean of the classes' recalls; a class counts as much as another, however rare.</summary>
    public static Dimension BalancedAccuracy { get; } = new("balanced-accuracy", 0, 1, HigherIsBetter: true);

    /// <summary>Mean of the classes' F1 scores.</summary>
    public static Dimension MacroF1 { get; } = new("macro-f1", 0, 1, HigherIsBetter: true);

    /// <summary>Matthews correlation coefficient.</summary>
    public static Dimension MatthewsCorrelation { get; } = new("mcc", -1, 1, HigherIsBetter: true);

    /// <summary>Share of cases that are answered as the dense parent answers them, right or wrong.</summary>
    public static Dimension Agreement { get; } = new("agreement", 0, 1, HigherIsBetter: true);

    /// <summary>Share of cases that are answered otherwise than by the dense parent: 1 minus the agreement.</summary>
    public static Dimension Flips { get; } = new("flips", 0, 1, HigherIsBetter: false);

    /// <summary>Share of cases that only the dense parent has right.</summary>
    public static Dimension RightToWrong { get; } = new("right-to-wrong", 0, 1, HigherIsBetter: false);

    /// <summary>Share of cases whose checks all hold.</summary>
    public static Dimension Checks { get; } = new("checks", 0, 1, HigherIsBetter: true);

    /// <summary>What a classifier is measured by.</summary>
    public static IReadOnlyList<Dimension> Classification { get; } =
        [Accuracy, BalancedAccuracy, MacroF1, MatthewsCorrelation, Agreement, Flips, RightToWrong];

    /// <summary>What answers to multiple-choice questions are measured by.</summary>
    public static IReadOnlyList<Dimension> MultipleChoice { get; } = [Accuracy, Agreement, Flips, RightToWrong];

    /// <summary>Whether neither end is the good one, so that only <c>min</c> and <c>max</c> mean something.</summary>
    public bool IsNeutral { get; init; }

    /// <summary>What a task is measured by without a word about it.</summary>
    public static IReadOnlyList<Dimension> Of(TaskKind task) => task switch
    {
        TaskKind.Classification => Classification,
        TaskKind.MultipleChoice => MultipleChoice,
        TaskKind.Generation => [Checks],
        _ => [],
    };

    /// <summary>Largest possible difference of two values.</summary>
    public double Range => Highest - Lowest;
}
