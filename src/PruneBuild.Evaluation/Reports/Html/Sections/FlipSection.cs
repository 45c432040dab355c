namespace PruneBuild.Evaluation.Reports;

/// <summary>The cases that parent and candidate answer differently, to look at one by one.</summary>
internal static class FlipSection
{
    /// <summary>Rows that paper gets; a screen shows all.</summary>
    private const int MostOnPaper = 40;

    public static ReportSection? Of(EvaluationReport report)
    {
        var flips = report.Flips;
        if (flips.Count == 0) return null;
        var all = report.Verdict.Overall;
        var shown = flips.Count < report.AllFlips ? $"{Phrase.Count(flips.Count)} of {Phrase.Count(report.AllFlips)} are listed, some of every kind and slice" : "all are listed";
        return new ReportSection(
            "flips", "Flips",
            $"Cases whose answer changed: {Phrase.Count(all.RightToWrong)} lost, {Phrase.Count(all.WrongToRight)} won, "
            + $"{Phrase.Count(Math.Max(0, all.ChangedAnswers - all.RightToWrong - all.WrongToRight))} wrong in another way; {shown}. "
            + "The margin says how clear an answer was: the largest minus the second largest output.",
            Markup.Join([Filters(flips), Rows(flips)]));
    }

    private static Markup Filters(IReadOnlyList<CaseFlip> flips) => Markup.Of($"""
        <form class="filters" aria-label="Filter of the flips">
        <fieldset><legend>Kind</legend>{Option("", "all", isChecked: true)}{flips.Select(flip => flip.Kind).Distinct().Select(kind => Option(NameOf(kind), Describe(kind), isChecked: false))}</fieldset>
        <label>Slice <select name="slice"><option value="">all</option>{flips.Select(flip => flip.Slice).Distinct().Select(slice => Markup.Of($"""<option value="{slice}">{slice}</option>"""))}</select></label>
        <label>Search <input type="search" name="text" placeholder="case, label or answer" autocomplete="off"></label>
        <output name="count" aria-live="polite">{Phrase.Count(flips.Count, "case")}</output>
        </form>

        """);

    private static Markup Option(string value, string text, bool isChecked) => Markup.Of($"""
        <label><input type="radio" name="kind" value="{value}"{(isChecked ? new Markup(" checked") : Markup.None)}>{text}</label>
        """);

    private static Markup Rows(IReadOnlyList<CaseFlip> flips)
    {
        var hasPictures = flips.Any(flip => flip.Picture is not null);
        return Markup.Of($"""
            <div class="scroll tall" role="region" aria-label="Flips" tabindex="0"><table id="flip-table">
            <caption>Cases that parent and candidate answer differently</caption>
            <thead><tr><th scope="col">Case</th>{(hasPictures ? Markup.Of($"""<th scope="col">Input</th>""") : Markup.None)}<th scope="col">Slice</th><th scope="col">Flip</th><th scope="col">Label</th><th scope="col">Parent</th><th scope="col">Candidate</th><th scope="col" class="number">Parent margin</th><th scope="col" class="number">Candidate margin</th></tr></thead>
            <tbody>{flips.Select((flip, index) => Row(flip, hasPictures, index >= MostOnPaper))}</tbody>
            </table></div>

            """);
    }

    private static Markup Row(CaseFlip flip, bool hasPictures, bool isScreenOnly) => Markup.Of($"""
        <tr data-kind="{NameOf(flip.Kind)}" data-slice="{flip.Slice}"{(isScreenOnly ? new Markup(" class=\"screen\"") : Markup.None)}><th scope="row"><code>{flip.Id}</code></th>{(hasPictures ? Picture(flip) : Markup.None)}<td>{flip.Slice}</td><td>{Badge.Of(Describe(flip.Kind), LookOf(flip.Kind))}</td><td><b>{flip.Label}</b></td>{Answer(flip.Parent, flip.Label)}{Answer(flip.Candidate, flip.Label)}<td class="number">{Phrase.Number(Math.Round(flip.ParentMargin, 3))}</td><td class="number">{Phrase.Number(Math.Round(flip.CandidateMargin, 3))}</td></tr>

        """);

    private static Markup Picture(CaseFlip flip) => flip.Picture is null
        ? Markup.Of($"<td></td>")
        : Markup.Of($"""<td><img src="{flip.Picture}" alt="Input of {flip.Id}" loading="lazy"></td>""");

    private static Markup Answer(string answer, string label) => Markup.Of($"""<td class="{(answer == label ? "right" : "wrong")}">{answer}</td>""");

    private static string NameOf(FlipKind kind) => kind.ToString().ToLowerInvariant();

    private static string Describe(FlipKind kind) => kind == FlipKind.Changed ? "still wrong" : NameOf(kind);

    private static string LookOf(FlipKind kind) => kind switch { FlipKind.Lost => "bad", FlipKind.Won => "good", _ => "neutral" };
}
