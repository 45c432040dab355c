namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// What the candidate wrote over what the parent wrote, summed over the sample. A floor from both sides stops quality bought with
/// short answers, as MLPerf Inference does with 90 %, and endless ones.
/// </summary>
public sealed class OutputLengthRatio() : SampleScorer<LengthPair>("len_ratio", ScoreRange.NonNegative, ScoreDirection.Neither)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<LengthPair> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        if (cases.Any(input => input.Parent < 0 || input.Candidate < 0)) return PreparedSample.NotMeasured(cases.Count, "a length is below 0");
        var pairs = cases.ToArray();
        return new PreparedSample(cases.Count, indices =>
        {
            double parent = 0, candidate = 0;
            foreach (var i in indices)
            {
                parent += pairs[i].Parent;
                candidate += pairs[i].Candidate;
            }
            return parent > 0 ? Score.Of(candidate / parent) : Score.NotMeasured("the parent wrote nothing");
        });
    }
}
