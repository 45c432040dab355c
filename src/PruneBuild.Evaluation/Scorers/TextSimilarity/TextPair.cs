namespace PruneBuild.Evaluation.Scorers;

/// <summary>A text that a model wrote and texts that would be right.</summary>
/// <param name="Output">What the model wrote.</param>
/// <param name="References">What would be right; where there are several, the best fit counts.</param>
public sealed record TextPair(string Output, IReadOnlyList<string> References)
{
    /// <summary>The best score against any of the references; those that have none are passed over.</summary>
    internal Score Best(Func<string, string, double?> score, string reason)
    {
        double? best = null;
        foreach (var reference in References)
        {
            if (score(Output, reference) is { } value && !(value <= best)) best = value;
        }
        return best is { } found ? Score.Of(found) : Score.NotMeasured(reason);
    }
}
