namespace PruneBuild.Evaluation.Judging;

/// <summary>Whether a judge answers the same question the same way each time.</summary>
/// <param name="Questions">How many questions were asked.</param>
/// <param name="Repeats">How often each.</param>
/// <param name="Agreement">Mean share of the answers to a question that are its most frequent one; 1 for a judge that never wavers.</param>
public sealed record SelfConsistency(int Questions, int Repeats, double Agreement)
{
    /// <summary>Asks every question several times.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB5043 or PB5044 of the first answer that fails.</exception>
    public static async Task<SelfConsistency> OfAsync(IJudge judge, IReadOnlyList<JudgeQuestion> questions, int repeats, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(judge);
        ArgumentNullException.ThrowIfNull(questions);
        ArgumentOutOfRangeException.ThrowIfLessThan(questions.Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(repeats, 2);
        var agreement = 0.0;
        foreach (var question in questions)
        {
            var counts = new Dictionary<string, int>(StringComparer.Ordinal);
            for (var i = 0; i < repeats; i++)
            {
                var name = (await judge.JudgeAsync(question, cancellation).ConfigureAwait(false)).Label.Name;
                counts[name] = counts.GetValueOrDefault(name) + 1;
            }
            agreement += (double)counts.Values.Max() / repeats;
        }
        return new SelfConsistency(questions.Count, repeats, agreement / questions.Count);
    }
}
