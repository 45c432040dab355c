namespace PruneBuild.Evaluation.Performance;

/// <summary>The middle of a sample; the mean of the two middle ones when their number is even.</summary>
internal static class Median
{
    /// <summary>The median. The values are sorted in place.</summary>
    /// <param name="values">At least one.</param>
    public static double Of(Span<double> values)
    {
        values.Sort();
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
