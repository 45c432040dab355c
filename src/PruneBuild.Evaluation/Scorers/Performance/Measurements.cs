namespace PruneBuild.Evaluation.Scorers;

/// <summary>Samples of measured numbers, such as seconds or bytes; a number that is not finite is no measurement.</summary>
internal static class Measurements
{
    /// <summary>A sample that is scored by the numbers drawn, of which there is at least one.</summary>
    public static PreparedSample Prepare(IReadOnlyList<double> cases, Func<double[], double> score)
    {
        ArgumentNullException.ThrowIfNull(cases);
        var values = cases.ToArray();
        if (!Array.TrueForAll(values, double.IsFinite)) return PreparedSample.NotMeasured(values.Length, "a measured number is not finite");
        return new PreparedSample(values.Length, indices =>
        {
            var drawn = new double[indices.Length];
            for (var i = 0; i < drawn.Length; i++) drawn[i] = values[indices[i]];
            return Score.Of(score(drawn));
        });
    }
}
