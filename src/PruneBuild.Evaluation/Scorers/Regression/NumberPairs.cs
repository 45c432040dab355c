namespace PruneBuild.Evaluation.Scorers;

/// <summary>Samples of two numbers a case.</summary>
internal static class NumberPairs
{
    /// <summary>A sample that is scored by the two lists of what was drawn; not measured when a number is not finite.</summary>
    public static PreparedSample Prepare(double[] first, double[] second, Func<double[], double[], Score> score)
    {
        for (var i = 0; i < first.Length; i++)
        {
            if (!double.IsFinite(first[i]) || !double.IsFinite(second[i]))
                return PreparedSample.NotMeasured(first.Length, $"case {i}: a number is not finite");
        }
        return new PreparedSample(first.Length, indices =>
        {
            var drawnFirst = new double[indices.Length];
            var drawnSecond = new double[indices.Length];
            for (var i = 0; i < indices.Length; i++) (drawnFirst[i], drawnSecond[i]) = (first[indices[i]], second[indices[i]]);
            return score(drawnFirst, drawnSecond);
        });
    }

    /// <summary>Whether every number is the same, without a mean whose rounding would hide it.</summary>
    public static bool IsConstant(ReadOnlySpan<double> values) => !values.ContainsAnyExcept(values[0]);
}
