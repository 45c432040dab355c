using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation;

/// <summary>Floors on metrics that are no means, and on means over few clusters: the paired bootstrap.</summary>
internal static class ResampledEvidence
{
    /// <param name="floor">The floor.</param>
    /// <param name="quantity">What it limits.</param>
    /// <param name="frame">The cases that are resampled.</param>
    /// <param name="units">Independent clusters of the slice.</param>
    /// <param name="resamples">Keeps the resamples, or draws them.</param>
    public static FloorEvidence Of(Floor floor, FloorQuantity quantity, SampleFrame frame, int units, Func<Func<PairedBootstrap>, PairedBootstrap> resamples)
    {
        // The bound of an upper limit is the lower bound of the negative.
        var sign = floor.IsUpperLimit ? -1.0 : 1.0;
        var bootstrap = resamples(() => PairedBootstrap.Of(frame.Clusters, cases => sign * quantity.On(cases)));
        var estimate = sign * bootstrap.Estimate;
        var bound = bootstrap.IsConstant
            ? Unanimous(floor, quantity, estimate, units)
            : Math.Clamp(sign * bootstrap.LowerBound(floor.Confidence), quantity.Range.Lowest, quantity.Range.Highest);
        return new FloorEvidence(estimate, bound, "bootstrap (BCa)", () => FloorEvidence.ByScaling(floor, estimate, bound, frame.Count));
    }

    /// <summary>The bound when no case differs from another.</summary>
    public static double Unanimous(Floor floor, FloorQuantity quantity, double estimate, int units)
    {
        var (below, above) = quantity.Reach(estimate);
        return floor.IsUpperLimit
            ? estimate + UnanimousBound.Distance(above, units, floor.Confidence)
            : estimate - UnanimousBound.Distance(below, units, floor.Confidence);
    }
}
