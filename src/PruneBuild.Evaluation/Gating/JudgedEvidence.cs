using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation;

/// <summary>
/// Floors on what people would have said, by a judge that is calibrated: the cluster-robust t interval of the judge's scores, and the
/// variance of the calibration added to it. One case more that costs all, and one that wins all, are reckoned with (D. G. Bonett and
/// R. M. Price, 2012): scores that never differ are no proof that they never would.
/// </summary>
internal static class JudgedEvidence
{
    private const int Bisections = 60;

    /// <param name="floor">The floor; never one on the gap of a slice.</param>
    /// <param name="quantity">What it limits.</param>
    /// <param name="judged">The scores.</param>
    /// <param name="slice">The slice.</param>
    public static FloorEvidence Of(Floor floor, FloorQuantity quantity, JudgedMeasurement judged, SampleFrame slice)
    {
        var estimate = quantity.On(slice.Cases);
        var bound = floor.Kind switch
        {
            FloorKind.Minimum => Math.Max(0, LowerBound(floor, judged, slice, ofCandidate: 1, ofParent: 0)),
            FloorKind.Maximum => Math.Min(1, -LowerBound(floor, judged, slice, ofCandidate: -1, ofParent: 0)),
            FloorKind.MaxDrop => -LowerBound(floor, judged, slice, ofCandidate: 1, ofParent: -1),
            FloorKind.Retention => Retained(floor, judged, slice, estimate),
            _ => LowerBound(floor, judged, slice, ofCandidate: 1, ofParent: -1),
        };
        return new FloorEvidence(estimate, bound, "cluster-robust t, calibrated judge", () => FloorEvidence.ByScaling(floor, estimate, bound, slice.Cases.Length));
    }

    // Of a sum of both means with the given factors.
    private static double LowerBound(Floor floor, JudgedMeasurement judged, SampleFrame slice, double ofCandidate, double ofParent)
    {
        double Score(int index) => judged.Terms.Sum(term => term.Weight
            * ((ofCandidate * term.CandidateCorrection.Slope * term.Candidate[index]) + (ofParent * term.ParentCorrection.Slope * term.Parent[index])));
        var mean = judged.Terms.Sum(term => term.Weight * ((ofCandidate * term.Mean(slice.Cases, true)) + (ofParent * term.Mean(slice.Cases, false))));
        var most = judged.Terms.Sum(term => term.Weight * ((Math.Abs(ofCandidate) * term.CandidateCorrection.Slope) + (Math.Abs(ofParent) * term.ParentCorrection.Slope))) / slice.Cases.Length;
        var contributions = ClusterRobustTInterval.Contributions(slice.Clusters.Select(cluster => cluster.Select(Score)), slice.Cases.Average(Score), slice.Cases.Length);
        var ofCases = ClusterRobustTInterval.StandardError([.. contributions, most, -most]);
        var ofCalibration = judged.Terms.Sum(term => term.Weight * term.Weight
            * ((ofCandidate * ofCandidate * term.CandidateCorrection.Variance(Math.Clamp(term.Mean(slice.Cases, true), 0, 1)))
                + (ofParent * ofParent * term.ParentCorrection.Variance(Math.Clamp(term.Mean(slice.Cases, false), 0, 1)))));
        var error = Math.Sqrt((ofCases * ofCases) + ofCalibration);
        return mean - (ClusterRobustTInterval.Quantile(slice.Clusters.Count + 1, floor.Confidence) * error);
    }

    // The largest share r at which candidate - r·parent is surely not negative (Fieller).
    private static double Retained(Floor floor, JudgedMeasurement judged, SampleFrame slice, double estimate)
    {
        var (low, high) = (0.0, Math.Max(0, estimate));
        for (var i = 0; i < Bisections; i++)
        {
            var share = (low + high) / 2;
            if (LowerBound(floor, judged, slice, 1, -share) > 0) low = share;
            else high = share;
        }
        return low;
    }
}
