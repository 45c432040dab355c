namespace PruneBuild.Evaluation.Reports;

/// <summary>Places numbers on a line of pixels.</summary>
/// <param name="Low">The number at <paramref name="Start"/>.</param>
/// <param name="High">The number at <paramref name="End"/>; above <paramref name="Low"/>.</param>
/// <param name="Start">First pixel.</param>
/// <param name="End">Last pixel.</param>
internal sealed record LinearScale(double Low, double High, double Start, double End)
{
    private const double Air = 0.06;

    /// <summary>A scale that shows all values with a little air, inside the limits that the values cannot leave.</summary>
    public static LinearScale Around(IEnumerable<double> values, double start, double end, double least = double.NegativeInfinity, double most = double.PositiveInfinity)
    {
        var all = values.Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (all.Min(), all.Max());
        var air = high > low ? (high - low) * Air : Math.Max(Math.Abs(high) * Air, 1e-3);
        (low, high) = (Math.Max(least, low - air), Math.Min(most, high + air));
        return high > low ? new LinearScale(low, high, start, end) : new LinearScale(low - 1e-3, high + 1e-3, start, end);
    }

    /// <summary>The pixel of a number; numbers beyond the scale are put at its ends.</summary>
    public double At(double value) => Start + (Math.Clamp(value, Low, High) - Low) / (High - Low) * (End - Start);

    /// <summary>Round numbers, a step of 1, 2 or 5 times a power of ten apart.</summary>
    /// <param name="about">How many are wanted, roughly.</param>
    public IReadOnlyList<double> Ticks(int about)
    {
        var rough = (High - Low) / about;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        var first = (long)Math.Ceiling(Low / step - 1e-9);
        var last = (long)Math.Floor(High / step + 1e-9);
        return [.. Enumerable.Range(0, (int)(last - first + 1)).Select(index => (first + index) * step)];
    }
}
