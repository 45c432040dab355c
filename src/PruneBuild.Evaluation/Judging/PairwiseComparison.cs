namespace PruneBuild.Evaluation.Judging;

/// <summary>
/// A judge that picks the better of two outputs, asked in both orders: L. Zheng et al., "Judging LLM-as-a-judge with MT-Bench and Chatbot
/// Arena", NeurIPS 2023. A preference that turns with the order is one for a place and counts as a tie.
/// </summary>
/// <param name="ParentBetter">Pairs whose parent's output is preferred in both orders.</param>
/// <param name="CandidateBetter">Pairs whose candidate's output is preferred in both orders.</param>
/// <param name="Ties">Pairs without preference in at least one order and no contradiction.</param>
/// <param name="Contradictions">Pairs whose preference turned with the order.</param>
public sealed record PairwiseComparison(int ParentBetter, int CandidateBetter, int Ties, int Contradictions)
{
    /// <summary>Label of a spec for the first output.</summary>
    public const string First = "first";

    /// <summary>Label of a spec for the second output.</summary>
    public const string Second = "second";

    internal const string Separator = "\n--- second output ---\n";

    /// <summary>Share of pairs whose answer did not turn with the order.</summary>
    public double SwapConsistency => ParentBetter + CandidateBetter + Ties + Contradictions is var pairs and > 0 ? 1 - ((double)Contradictions / pairs) : 0;

    /// <summary>The candidate's win rate, ties and contradictions as half.</summary>
    public double WinRate => ParentBetter + CandidateBetter + Ties + Contradictions is var pairs and > 0 ? (CandidateBetter + (0.5 * (Ties + Contradictions))) / pairs : 0;

    /// <summary>Asks about every pair in both orders. The judge's labels are <see cref="First"/>, <see cref="Second"/>, and any others for a tie.</summary>
    /// <param name="judge">The judge.</param>
    /// <param name="pairs">Id, input, the parent's output and the candidate's output.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Diagnostics.PruneBuildException">PB5043 or PB5044 of the first answer that fails.</exception>
    public static async Task<PairwiseComparison> OfAsync(
        IJudge judge, IEnumerable<(string CaseId, string Input, string Parent, string Candidate)> pairs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(judge);
        ArgumentNullException.ThrowIfNull(pairs);
        async Task<string> Ask(string id, string input, string first, string second) =>
            (await judge.JudgeAsync(new JudgeQuestion(id, input, first + Separator + second), cancellation).ConfigureAwait(false)).Label.Name;

        var result = new PairwiseComparison(0, 0, 0, 0);
        foreach (var (id, input, parent, candidate) in pairs)
        {
            var straight = await Ask(id, input, parent, candidate).ConfigureAwait(false);
            var swapped = await Ask(id, input, candidate, parent).ConfigureAwait(false);
            result = (straight, swapped) switch
            {
                (First, Second) => result with { ParentBetter = result.ParentBetter + 1 },
                (Second, First) => result with { CandidateBetter = result.CandidateBetter + 1 },
                (First, First) or (Second, Second) => result with { Contradictions = result.Contradictions + 1 },
                _ => result with { Ties = result.Ties + 1 },
            };
        }
        return result;
    }
}
