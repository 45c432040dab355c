using System.Numerics.Tensors;
using PruneBuild.Compression.Depth;

namespace PruneBuild.Compression.Drift;

/// <summary>Sums up the drift of logits row by row, in FP64 and in the order given. Rows with numbers that are not finite are infinitely far.</summary>
public sealed class LogitComparison
{
    private readonly List<double> divergences = [];
    private long rows, agreed, labelled, parentRight, right, lost, won;
    private double error, energy, change, parentLoss, loss;
    private bool hasClasses;

    /// <summary>Adds values that are no classes.</summary>
    /// <param name="parent">The parent's output.</param>
    /// <param name="edited">As many numbers.</param>
    /// <param name="features">Numbers of a row.</param>
    /// <exception cref="ArgumentException">The two are not of one size, or not whole rows.</exception>
    public void AddValues(ReadOnlySpan<float> parent, ReadOnlySpan<float> edited, int features)
    {
        if (parent.Length != edited.Length || features < 1 || parent.Length % features != 0)
            throw new ArgumentException($"{edited.Length} numbers and {parent.Length} of the parent are not the same rows of {features}.", nameof(edited));
        rows += parent.Length / features;
        for (var index = 0; index < parent.Length; index++)
        {
            // Masked logits are minus infinity in both.
            if (parent[index] == edited[index])
            {
                energy += float.IsFinite(parent[index]) ? (double)parent[index] * parent[index] : 0;
                continue;
            }
            var difference = Math.Abs((double)parent[index] - edited[index]);
            difference = double.IsNaN(difference) ? double.PositiveInfinity : difference;
            change = Math.Max(change, difference);
            error += difference * difference;
            energy += float.IsFinite(parent[index]) ? (double)parent[index] * parent[index] : 0;
        }
    }

    /// <summary>Adds logits.</summary>
    /// <param name="parent">[rows, classes].</param>
    /// <param name="edited">[rows, classes].</param>
    /// <param name="classes">Logits of a row.</param>
    /// <param name="label">The right class of a row, counted from the first of this call; negative where none is known. Null without labels.</param>
    /// <exception cref="ArgumentException">As <see cref="AddValues"/>; or a label is no class.</exception>
    public void AddLogits(ReadOnlySpan<float> parent, ReadOnlySpan<float> edited, int classes, Func<int, long>? label = null)
    {
        AddValues(parent, edited, classes);
        hasClasses = true;
        for (var row = 0; row < parent.Length / classes; row++)
        {
            var p = parent.Slice(row * classes, classes);
            var q = edited.Slice(row * classes, classes);
            divergences.Add(Far(Math.Max(0, OutputLoss.RowDivergence(p, q))));
            var (before, after) = (TensorPrimitives.IndexOfMax(p), Highest(q));
            agreed += before == after ? 1 : 0;
            var known = label?.Invoke(row) ?? -1;
            if (known < 0)
                continue;
            if (known >= classes)
                throw new ArgumentException($"Label {known} is none of {classes} classes.", nameof(label));
            AddLabel(p, q, (int)known, before == known, after == known);
        }
    }

    /// <summary>What was added so far.</summary>
    public LogitDrift Finish()
    {
        var drift = new LogitDrift(rows, error == 0 ? 0 : energy == 0 ? double.PositiveInfinity : Math.Sqrt(error / energy), change);
        if (!hasClasses || rows == 0)
            return drift;
        var sorted = divergences.Order().ToList();
        return drift with
        {
            Kl = divergences.Sum() / rows,
            Kl95 = Percentile(sorted, 0.95),
            Kl99 = Percentile(sorted, 0.99),
            Top1 = (double)agreed / rows,
            Labels = labelled == 0 ? null : new LabelDrift(
                labelled, parentLoss / labelled, loss / labelled, (double)parentRight / labelled, (double)right / labelled, (double)lost / labelled, (double)won / labelled),
        };
    }

    private void AddLabel(ReadOnlySpan<float> parent, ReadOnlySpan<float> edited, int label, bool isParentRight, bool isRight)
    {
        labelled++;
        parentLoss += Far(OutputLoss.NegativeLogLikelihood(parent, label));
        loss += Far(OutputLoss.NegativeLogLikelihood(edited, label));
        parentRight += isParentRight ? 1 : 0;
        right += isRight ? 1 : 0;
        lost += isParentRight && !isRight ? 1 : 0;
        won += isRight && !isParentRight ? 1 : 0;
    }

    /// <summary>The highest class; −1 where nobody can tell.</summary>
    private static int Highest(ReadOnlySpan<float> row) => TensorPrimitives.IndexOfMax(row) is var index && float.IsFinite(row[index]) ? index : -1;

    private static double Far(double value) => double.IsNaN(value) ? double.PositiveInfinity : value;

    /// <summary>The nearest rank: the smallest value that so large a share does not exceed.</summary>
    private static double Percentile(List<double> sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Count) - 1];
}
