namespace PruneBuild.Evaluation.Judging;

/// <summary>One answer that a judge may give.</summary>
/// <param name="Name">The word, such as <c>pass</c>.</param>
/// <param name="Score">What it is worth, 0 to 1; 0.5 and above count as positive.</param>
public sealed record JudgeLabel(string Name, double Score)
{
    /// <summary>Whether the label speaks for the output.</summary>
    public bool IsPositive => Score >= 0.5;
}
