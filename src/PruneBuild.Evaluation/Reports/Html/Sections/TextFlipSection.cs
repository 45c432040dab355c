namespace PruneBuild.Evaluation.Reports;

/// <summary>The cases for which parent and candidate write different texts, side by side.</summary>
internal static class TextFlipSection
{
    private static readonly Table.Column[] Columns =
        [new("Case"), new("Slice"), new("Flip"), new("Prompt"), new("Parent"), new("Candidate"), new("Expected")];

    public static ReportSection? Of(EvaluationReport report)
    {
        var flips = report.TextFlips;
        if (flips.Count == 0) return null;
        return new ReportSection(
            "texts", "Texts",
            $"Cases whose text changed, {Phrase.Count(flips.Count)} of them, some of every kind and slice: lost and won where the checks hold for one of the two alone. Long texts are cut off.",
            Table.Of("Cases for which parent and candidate write different texts", Columns, flips.Select(Row)));
    }

    private static IReadOnlyList<Markup> Row(TextFlip flip) =>
    [
        Markup.Of($"<code>{flip.Id}</code>"),
        Markup.Of($"{flip.Slice}"),
        Badge.Of(flip.Kind == FlipKind.Lost ? "lost" : flip.Kind == FlipKind.Won ? "won" : "other text", flip.Kind switch { FlipKind.Lost => "bad", FlipKind.Won => "good", _ => "neutral" }),
        Text(flip.Prompt),
        Text(flip.Parent),
        Text(flip.Candidate),
        Expected(flip.Expected),
    ];

    // Many checks would push the texts apart that are to be compared.
    private static Markup Expected(IReadOnlyList<string> expected)
    {
        var all = Markup.Join(expected.Select(Text));
        return expected.Count < 2 ? all : Markup.Of($"<details><summary>{expected.Count} of them</summary>{all}</details>");
    }

    private static Markup Text(string text) => Markup.Of($"""<div class="written">{text}</div>""");
}
