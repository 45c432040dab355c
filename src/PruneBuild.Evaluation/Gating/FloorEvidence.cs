using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation;

/// <summary>What the cases say about a floor.</summary>
/// <param name="Estimate">The measured value of what the floor limits.</param>
/// <param name="Bound">Its confidence bound on the side of failure.</param>
/// <param name="Method">The interval that the bound belongs to.</param>
/// <param name="CasesNeeded">Gives the cases at which as good a candidate would mostly clear the floor, or null when no number would do.</param>
internal sealed record FloorEvidence(double Estimate, double Bound, string Method, Func<long?> CasesNeeded)
{
    /// <summary>The bound on the other side, for what is measured with noise; null where the estimate alone says that a floor is missed.</summary>
    public double? OtherBound { get; init; }

    /// <summary>The cases needed when the bound comes nearer with the square root of their number.</summary>
    public static long? ByScaling(Floor floor, double estimate, double bound, int cases)
    {
        var distance = Math.Abs(floor.Threshold - estimate);
        var width = Math.Abs(bound - estimate);
        if (distance == 0 || width == 0 || !double.IsFinite(width)) return null;
        var errors = StandardNormal.Quantile(floor.Confidence);
        var standardDeviation = width / errors * Math.Sqrt(cases);
        return Math.Max(cases + 1L, SampleSize.ForMean(standardDeviation * standardDeviation, distance, floor.Confidence));
    }
}
