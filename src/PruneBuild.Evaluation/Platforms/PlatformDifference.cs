using System.Runtime.InteropServices;
using PruneBuild.Diagnostics;
using PruneBuild.Runtime;

namespace PruneBuild.Evaluation;

/// <summary>
/// How one artifact answers the same cases on two machines. They may differ by the order of sums, fused multiply-add, int8 products that
/// saturate, and half precision; the same numbers everywhere are what is hoped for.
/// </summary>
/// <param name="Cases">Number of cases.</param>
/// <param name="Identical">Cases whose outputs are the same bits.</param>
/// <param name="LargestDifference">The largest |a − b| of a finite output, in units of the output.</param>
/// <param name="RelativeError">‖a − b‖ / ‖a‖ over all finite outputs, a of the reference.</param>
/// <param name="Agreement">Share of cases with the same largest output.</param>
/// <param name="MeanDivergence">Mean of D(reference ‖ other) of the softmax, in nats.</param>
/// <param name="WorstDivergence">The largest of them.</param>
/// <param name="NotFinite">Cases in which the other machine gives NaN or infinity.</param>
/// <param name="RightToWrong">Labelled cases that only the reference has right.</param>
/// <param name="WrongToRight">Labelled cases that only the other has right.</param>
/// <param name="Worst">The cases that differ most, at most ten, worst first; ties by their order.</param>
public sealed record PlatformDifference(
    int Cases, int Identical, double LargestDifference, double RelativeError, double Agreement, double MeanDivergence, double WorstDivergence,
    int NotFinite, int RightToWrong, int WrongToRight, IReadOnlyList<DifferentCase> Worst)
{
    private const int Shown = 10;

    /// <summary>Compares two recordings of the same cases and artifact.</summary>
    /// <exception cref="PruneBuildException">PB7011: they are of other artifacts, cases or inputs, or the reference is not finite.</exception>
    public static PlatformDifference Of(CaseRecording reference, CaseRecording other)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(other);
        RequireSame(reference, other);
        var cases = Enumerable.Range(0, reference.Count).Select(index => DifferentCase.Of(reference, other, index)).ToList();
        var labelled = cases.Where(one => one.Label >= 0).ToList();
        return new PlatformDifference(
            cases.Count,
            cases.Count(one => one.IsIdentical),
            cases.Max(one => one.LargestDifference),
            Math.Sqrt(cases.Sum(one => one.SquaredDifference) / Math.Max(cases.Sum(one => one.SquaredReference), double.Epsilon)),
            (double)cases.Count(one => one.Reference == one.Other) / cases.Count,
            cases.Average(one => one.Divergence),
            cases.Max(one => one.Divergence),
            cases.Count(one => !one.IsFinite),
            labelled.Count(one => one.Reference == one.Label && one.Other != one.Label),
            labelled.Count(one => one.Reference != one.Label && one.Other == one.Label),
            [.. cases.Where(one => !one.IsIdentical).OrderByDescending(one => one.IsFinite ? one.Divergence : double.PositiveInfinity)
                .ThenByDescending(one => one.LargestDifference).Take(Shown)]);
    }

    private static void RequireSame(CaseRecording reference, CaseRecording other)
    {
        var (a, b) = (reference.Description, other.Description);
        var difference =
            a.ArtifactSha256 != b.ArtifactSha256 ? $"'{a.Artifact}' and '{b.Artifact}' are other models"
            : !a.Ids.SequenceEqual(b.Ids) ? "they hold other cases"
            : a.OutputsPerCase != b.OutputsPerCase || a.Output != b.Output ? "they hold other outputs"
            // Bits, so that NaN inputs are the same as themselves.
            : !Bits(reference.Inputs).SequenceEqual(Bits(other.Inputs)) ? "their inputs differ"
            : null;
        if (difference is not null)
            throw new PruneBuildException("PB7011", difference);
    }

    private static ReadOnlySpan<int> Bits(ReadOnlySpan<float> values) => MemoryMarshal.Cast<float, int>(values);
}
