using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation;

/// <summary>Floors on what is measured with noise: the paired bootstrap of what was run in turn, on both sides.</summary>
internal static class MeasuredEvidence
{
    /// <param name="floor">The floor.</param>
    /// <param name="quantity">What it limits.</param>
    /// <param name="frame">What is resampled.</param>
    /// <param name="resamples">Keeps the resamples of a side, or draws them.</param>
    public static FloorEvidence Of(Floor floor, FloorQuantity quantity, SampleFrame frame, Func<string, Func<PairedBootstrap>, PairedBootstrap> resamples)
    {
        double Bound(double sign)
        {
            var drawn = resamples(sign > 0 ? "lower" : "upper", () => PairedBootstrap.Of(frame.Clusters, cases => sign * quantity.On(cases)));
            // Numbers that never differ are known.
            return sign * (drawn.IsConstant ? drawn.Estimate : drawn.LowerBound(floor.Confidence));
        }

        var (lower, upper) = (Bound(1), Bound(-1));
        var (bound, other) = floor.IsUpperLimit ? (upper, lower) : (lower, upper);
        return new FloorEvidence(quantity.On(frame.Cases), bound, "bootstrap of blocks (BCa)", () => null) { OtherBound = other };
    }
}
