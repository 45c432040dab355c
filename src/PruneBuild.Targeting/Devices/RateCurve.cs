namespace PruneBuild.Targeting;

/// <summary>A rate at one sparsity.</summary>
/// <param name="Sparsity">Fraction of blocks that are zero, 0 to below 1.</param>
/// <param name="WeightsPerSecond">Dense-equivalent weights a second on one core: zeros count, though they are skipped.</param>
public sealed record RatePoint(double Sparsity, double WeightsPerSecond);

/// <summary>The rate of a sparse kernel as a function of sparsity.</summary>
/// <param name="Points">At least one point, sparsity ascending, rate not descending.</param>
/// <param name="Source">As <see cref="Figure.Source"/>.</param>
public sealed record RateCurve(IReadOnlyList<RatePoint> Points, string Source)
{
    /// <summary>
    /// Dense-equivalent weights a second at a sparsity. Between two points the time of one weight is linear in the sparsity,
    /// because the work is proportional to the blocks that are left. Below the first point it is proportional to the
    /// density; above the last it stays, for there the fixed work of a column has the say.
    /// </summary>
    public double At(double sparsity)
    {
        var first = Points[0];
        if (sparsity <= first.Sparsity)
            return first.WeightsPerSecond * (1 - first.Sparsity) / (1 - sparsity);
        for (var i = 1; i < Points.Count; i++)
        {
            var (left, right) = (Points[i - 1], Points[i]);
            if (sparsity > right.Sparsity)
                continue;
            var share = (sparsity - left.Sparsity) / (right.Sparsity - left.Sparsity);
            return 1 / ((1 - share) / left.WeightsPerSecond + share / right.WeightsPerSecond);
        }

        return Points[^1].WeightsPerSecond;
    }

    /// <summary>The curve with every rate times a factor.</summary>
    public RateCurve Scaled(double times, string source) =>
        new([.. Points.Select(point => point with { WeightsPerSecond = point.WeightsPerSecond * times })], source);
}
