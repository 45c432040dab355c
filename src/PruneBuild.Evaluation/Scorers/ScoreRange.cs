namespace PruneBuild.Evaluation.Scorers;

/// <summary>The values that a scorer can give.</summary>
/// <param name="Low">Smallest; negative infinity when there is no smallest.</param>
/// <param name="High">Largest; positive infinity when there is no largest.</param>
public readonly record struct ScoreRange(double Low, double High)
{
    /// <summary>0 to 1.</summary>
    public static ScoreRange Unit { get; } = new(0, 1);

    /// <summary>0 to 100, as BLEU and chrF are written.</summary>
    public static ScoreRange Percent { get; } = new(0, 100);

    /// <summary>−1 to 1.</summary>
    public static ScoreRange Correlation { get; } = new(-1, 1);

    /// <summary>0 and more.</summary>
    public static ScoreRange NonNegative { get; } = new(0, double.PositiveInfinity);

    /// <summary>Any number.</summary>
    public static ScoreRange Any { get; } = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>As the reference writes it: <c>0 to 1</c>, <c>0 or more</c>, <c>1 or less</c>, <c>any</c>.</summary>
    public override string ToString() => (double.IsFinite(Low), double.IsFinite(High)) switch
    {
        (true, true) => FormattableString.Invariant($"{Low} to {High}"),
        (true, false) => FormattableString.Invariant($"{Low} or more"),
        (false, true) => FormattableString.Invariant($"{High} or less"),
        _ => "any",
    };
}
