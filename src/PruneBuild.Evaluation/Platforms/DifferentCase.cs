using System.Runtime.InteropServices;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Scorers;
using PruneBuild.Runtime;

namespace PruneBuild.Evaluation;

/// <summary>One case on two machines.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Slice">Its slice.</param>
/// <param name="Label">The right class, or -1.</param>
/// <param name="Reference">The largest output of the reference, the lowest on a tie.</param>
/// <param name="Other">That of the other machine; -1 where it is not finite.</param>
/// <param name="LargestDifference">The largest |a − b|; 0 where the other is not finite.</param>
/// <param name="Divergence">D(reference ‖ other) of the softmax, in nats; 0 where the other is not finite.</param>
/// <param name="IsIdentical">Whether the bits are the same.</param>
/// <param name="IsFinite">Whether the other machine gave numbers.</param>
public sealed record DifferentCase(
    string Id, string Slice, int Label, int Reference, int Other, double LargestDifference, double Divergence, bool IsIdentical, bool IsFinite)
{
    /// <summary>Σ (a − b)² of the case.</summary>
    internal double SquaredDifference { get; private init; }

    /// <summary>Σ a² of the case.</summary>
    internal double SquaredReference { get; private init; }

    /// <exception cref="PruneBuildException">PB7011: the reference is not finite.</exception>
    internal static DifferentCase Of(CaseRecording reference, CaseRecording other, int index)
    {
        var a = reference.Outputs(index);
        var b = other.Outputs(index);
        var description = reference.Description;
        if (!AllFinite(a))
            throw new PruneBuildException("PB7011", $"the reference answers '{description.Ids[index]}' with numbers that are not finite");
        var isFinite = AllFinite(b);
        double largest = 0, squaredDifference = 0, squaredReference = 0;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = Math.Abs((double)a[i] - b[i]);
            largest = Math.Max(largest, difference);
            squaredDifference += difference * difference;
            squaredReference += (double)a[i] * a[i];
        }
        return new DifferentCase(
            description.Ids[index], description.Slices[index], description.Labels[index], Largest(a), isFinite ? Largest(b) : -1,
            isFinite ? largest : 0,
            isFinite && a.Length > 1 ? new LogitPair([a.ToArray()], [b.ToArray()]).Divergences()[0] : 0,
            MemoryMarshal.Cast<float, int>(a).SequenceEqual(MemoryMarshal.Cast<float, int>(b)),
            isFinite)
        {
            SquaredDifference = isFinite ? squaredDifference : 0,
            SquaredReference = isFinite ? squaredReference : 0,
        };
    }

    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value)) return false;
        }
        return true;
    }

    private static int Largest(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best]) best = i;
        }
        return best;
    }
}
