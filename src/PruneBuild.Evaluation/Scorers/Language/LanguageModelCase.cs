namespace PruneBuild.Evaluation.Scorers;

/// <summary>How likely a language model finds one document.</summary>
/// <param name="NegativeLogLikelihood">Sum over the scored tokens, in nats.</param>
/// <param name="Tokens">Number of scored tokens.</param>
/// <param name="Bytes">Bytes of the document in UTF-8.</param>
/// <param name="Protocol">How it was taken.</param>
public sealed record LanguageModelCase(double NegativeLogLikelihood, long Tokens, long Bytes, LanguageModelProtocol Protocol)
{
    /// <summary>A sample that is scored by its summed likelihood over a summed length, all of one protocol.</summary>
    internal static PreparedSample Prepare(
        IReadOnlyList<LanguageModelCase> cases,
        Func<LanguageModelCase, long> length,
        Func<double, double> score)
    {
        ArgumentNullException.ThrowIfNull(cases);
        for (var i = 0; i < cases.Count; i++)
        {
            if (Problem(cases[i], cases[0], length) is { } problem) return PreparedSample.NotMeasured(cases.Count, $"case {i}: {problem}");
        }
        var likelihoods = cases.Select(input => input.NegativeLogLikelihood).ToArray();
        var lengths = cases.Select(length).ToArray();
        return new PreparedSample(cases.Count, indices =>
        {
            double likelihood = 0, units = 0;
            foreach (var i in indices)
            {
                likelihood += likelihoods[i];
                units += lengths[i];
            }
            // A part of a text may be of tokens without bytes, such as the one that ends it.
            return units > 0 ? Score.Of(score(likelihood / units)) : Score.NotMeasured("the document is empty");
        })
        { Signature = cases.Count > 0 ? cases[0].Protocol.Id : null };
    }

    private static string? Problem(LanguageModelCase input, LanguageModelCase first, Func<LanguageModelCase, long> length)
    {
        if (!double.IsFinite(input.NegativeLogLikelihood) || input.NegativeLogLikelihood < 0) return "the likelihood is not a probability";
        if (input.Tokens <= 0 || length(input) < 0) return "the document is empty";
        return input.Protocol == first.Protocol ? null : $"its protocol is {input.Protocol.Id}, that of the first case {first.Protocol.Id}";
    }
}
