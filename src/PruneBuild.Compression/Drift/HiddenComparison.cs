namespace PruneBuild.Compression.Drift;

/// <summary>Sums up the drift of one inner value, in FP64 and in the order given.</summary>
public sealed class HiddenComparison
{
    private double cosines, error, energy, largest;
    private long rows, nonFinite;

    /// <summary>Adds rows of both models.</summary>
    /// <param name="parent">[rows, features].</param>
    /// <param name="edited">[rows, features].</param>
    /// <param name="features">Numbers that make one direction.</param>
    /// <exception cref="ArgumentException">The two are not of one size, or not whole rows.</exception>
    public void Add(ReadOnlySpan<float> parent, ReadOnlySpan<float> edited, int features)
    {
        if (parent.Length != edited.Length || features < 1 || parent.Length % features != 0)
            throw new ArgumentException($"{edited.Length} numbers and {parent.Length} of the parent are not the same rows of {features}.", nameof(edited));
        for (var start = 0; start < parent.Length; start += features)
            AddRow(parent.Slice(start, features), edited.Slice(start, features));
    }

    /// <summary>What was added so far.</summary>
    /// <param name="name">What the value is called.</param>
    public BlockDrift Finish(string name) => new(
        name, rows == 0 ? 1 : cosines / rows, error == 0 ? 0 : energy == 0 ? double.PositiveInfinity : Math.Sqrt(error / energy), largest, nonFinite);

    private void AddRow(ReadOnlySpan<float> parent, ReadOnlySpan<float> edited)
    {
        double product = 0, first = 0, second = 0, difference = 0;
        for (var index = 0; index < parent.Length; index++)
        {
            double p = parent[index], q = edited[index];
            if (double.IsFinite(q))
                largest = Math.Max(largest, Math.Abs(q));
            else
                nonFinite++;
            product += p * q;
            first += p * p;
            second += q * q;
            difference += (p - q) * (p - q);
        }
        energy += first;
        error += double.IsNaN(difference) ? double.PositiveInfinity : difference;
        // Rows that are zero in both have no direction. One that is zero, or not a number, in the edited model alone has lost it.
        if (first == 0 && second == 0)
            return;
        rows++;
        cosines += product / Math.Sqrt(first * second) is var cosine && double.IsFinite(cosine) ? cosine : 0;
    }
}
