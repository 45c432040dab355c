namespace PruneBuild.Evaluation.Reports;

/// <summary>A case for which parent and candidate write different texts.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Slice">Its slice.</param>
/// <param name="Kind">What became of it: whether its checks hold for one of the two alone, or for both or neither.</param>
/// <param name="Prompt">What was asked.</param>
/// <param name="Expected">The checks and references as the case has them.</param>
/// <param name="Parent">What the dense parent wrote.</param>
/// <param name="Candidate">What the candidate wrote.</param>
public sealed record TextFlip(string Id, string Slice, FlipKind Kind, string Prompt, IReadOnlyList<string> Expected, string Parent, string Candidate)
{
    private const int MostCharacters = 2000;

    /// <summary>
    /// The texts that differ: lost ones first, then by slice, then in the order of the cases. Every kind and slice has its share of
    /// <paramref name="most"/>; long texts are cut off.
    /// </summary>
    /// <param name="cases">The cases.</param>
    /// <param name="parent">What the dense parent wrote.</param>
    /// <param name="candidate">What the candidate wrote.</param>
    /// <param name="most">How many are wanted at most.</param>
    public static IReadOnlyList<TextFlip> Find(CaseSet cases, WrittenTexts parent, WrittenTexts candidate, int most)
    {
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var holds = new WritingInputs(cases, parent, candidate).AllChecks();
        var groups = Enumerable.Range(0, cases.Count)
            .Where(index => parent.Texts[index].Text != candidate.Texts[index].Text)
            .GroupBy(index => (Kind: KindOf(holds.Parent.Values[index], holds.Candidate.Values[index]), Slice: cases.SliceOf[index]))
            .OrderBy(group => group.Key)
            .ToList();
        var share = Math.Max(1, most / Math.Max(1, groups.Count));
        return [.. groups.SelectMany(group => group.Take(share).Select(index => Of(cases, group.Key.Kind, index, parent, candidate))).Take(most)];
    }

    private static TextFlip Of(CaseSet cases, FlipKind kind, int index, WrittenTexts parent, WrittenTexts candidate)
    {
        var writing = cases.Tasks[index].Writing!;
        return new TextFlip(
            cases.Id(index), cases.Slices[cases.SliceOf[index]], kind, Cut(writing.Prompt.ToString()),
            [.. writing.Expected.Concat(writing.References.Select(reference => $"reference: {reference}")).Select(Cut)],
            Cut(parent.Texts[index].Text), Cut(candidate.Texts[index].Text));
    }

    private static FlipKind KindOf(double parent, double candidate) =>
        parent == 1 && candidate == 0 ? FlipKind.Lost : parent == 0 && candidate == 1 ? FlipKind.Won : FlipKind.Changed;

    private static string Cut(string text) => Phrase.Shorten(text, MostCharacters);
}
