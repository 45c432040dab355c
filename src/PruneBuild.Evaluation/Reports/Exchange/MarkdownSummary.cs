using System.Text;

namespace PruneBuild.Evaluation.Reports;

/// <summary>
/// The verdict in GitHub's Markdown, for a step summary or a comment: an alert with the verdict first, then what is not cleared, then
/// everything else folded. A text that would be too long ends with a note.
/// </summary>
public static class MarkdownSummary
{
    /// <summary>The file's name.</summary>
    public const string FileName = "summary.md";

    /// <summary>GitHub refuses summaries of more than 1 MiB a step; this leaves room for what other tools add.</summary>
    public const int MostBytes = 900_000;

    private const string FloorHeader = "| | floor | required | measured | bound | parent | candidate | n |\n|---|---|---|---:|---:|---:|---:|---:|\n";

    /// <summary>The text of the file.</summary>
    /// <param name="report">The report.</param>
    /// <param name="mostBytes">The most bytes of UTF-8 it may have.</param>
    public static string Write(EvaluationReport report, int mostBytes = MostBytes)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new BoundedText(mostBytes, $"\n_The summary ends here: it would be longer than {Phrase.Count(mostBytes)} bytes. {HtmlReport.FileName} has everything._\n");
        var (headline, floors) = (Headline.Of(report), report.Floors);
        var alert = headline.Look switch { "bad" => "CAUTION", "good" => "TIP", "unsure" => "WARNING", _ => "NOTE" };
        text.Add($"> [!{alert}]\n> **{Escape(report.Name)} on {Escape(report.Verdict.Rid)}: {headline.Word}.** {Escape(headline.Sentence)}\n\n");

        var open = floors.Where(floor => floor.State.Rank > 0).OrderByDescending(floor => floor.Blocks).ThenByDescending(floor => floor.State.Rank).ToList();
        if (open.Count > 0) text.AddBlock($"### Not cleared\n\n{FloorHeader}", open.Select(Floor), "\n");
        text.AddBlock($"<details><summary>All {Phrase.Count(floors.Count, "floor")}</summary>\n\n{FloorHeader}", floors.Select(Floor), "\n</details>\n\n");
        if (report.Verdict.Profiles is { Count: > 0 } profiles)
        {
            text.AddBlock(
                "<details open><summary>Profiles</summary>\n\n| profile | figures | p50 of parent | p50 of candidate | ratio | load | memory | limits |\n|---|---|---:|---:|---:|---:|---:|---|\n",
                profiles.Select(profile => Row(
                    ProfileWords.Name(profile), ProfileWords.Origin(profile), ProfileWords.Time(profile.Latency?.Parent.MedianSeconds), ProfileWords.Time(profile.Latency?.Candidate.MedianSeconds),
                    ProfileWords.Ratio(profile), ProfileWords.Time(profile.Candidate?.LoadSeconds), ProfileWords.Memory(profile.Candidate), ProfileWords.Limits(profile))), "\n</details>\n\n");
        }
        if (report.Verdict.Scores is { Count: > 0 } scores)
        {
            text.AddBlock(
                "<details><summary>Scores</summary>\n\n| measured | slice | n | parent | candidate | change |\n|---|---|---:|---:|---:|---:|\n",
                scores.Select(score => Row(
                    score.Profile is null ? score.Name : $"{score.Name} under '{score.Profile}'", score.Slice == SliceName.Every ? "all cases" : score.Slice, Phrase.Count(score.Cases), Phrase.Number(score.Parent), Phrase.Number(score.Candidate),
                    score.Change is { } change ? Phrase.Change(change) : score.Reason ?? "–")), "\n</details>\n\n");
        }
        if (report.Verdict.Overall.Cases > 0) text.AddBlock(
            "<details><summary>Parent against candidate</summary>\n\n| slice | n | parent | candidate | points | lost | won | p |\n|---|---:|---:|---:|---:|---:|---:|---:|\n",
            report.Verdict.Slices.Append(report.Verdict.Overall).Where(slice => slice.Cases > 0).Select(Slice), "\n</details>\n\n");
        var lost = report.Flips.Where(flip => flip.Kind == FlipKind.Lost).ToList();
        if (lost.Count > 0)
        {
            text.AddBlock(
                $"<details><summary>Cases lost: {Phrase.Count(lost.Count)} listed of {Phrase.Count(report.Verdict.Overall.RightToWrong)}</summary>\n\n| case | slice | label | parent | candidate |\n|---|---|---|---|---|\n",
                lost.Select(flip => Row(flip.Id, flip.Slice, flip.Label, flip.Parent, flip.Candidate)), "\n</details>\n\n");
        }
        if (report.Layers.Count > 0)
        {
            text.AddBlock(
                $"<details><summary>Kernels of {Phrase.Count(report.Layers.Count, "layer")}</summary>\n\n| layer | pattern | zeros | kernel | output error |\n|---|---|---:|---|---:|\n",
                report.Layers.Select(layer => Row(layer.Name, layer.Pattern, Phrase.Percent(layer.Sparsity), layer.Kernel, Phrase.Number(layer.RelativeError))), "\n</details>\n\n");
        }
        return text.ToString();
    }

    private static string Floor(FloorRow floor) => Row(
        floor.State.Word, floor.Subject, floor.Requirement,
        floor.HasValue ? FloorRow.Value(floor.Check.Estimate) : "–", floor.HasValue ? FloorRow.Value(floor.Check.Bound) : "–",
        FloorRow.Value(floor.Check.Parent), FloorRow.Value(floor.Check.Candidate), Phrase.Count(floor.Check.Cases));

    private static string Slice(PairedOutcome slice) => Row(
        slice.Slice == SliceName.Every ? "all cases" : slice.Slice, Phrase.Count(slice.Cases), Phrase.Percent(slice.ParentAccuracy), Phrase.Percent(slice.CandidateAccuracy),
        Phrase.Points(-slice.Drop), Phrase.Count(slice.RightToWrong), Phrase.Count(slice.WrongToRight), Phrase.Number(slice.McNemarMidP));

    private static string Row(params string[] cells) => $"| {string.Join(" | ", cells.Select(Escape))} |\n";

    /// <summary>Text that stays text: neither markup nor a cell's end nor a line's.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var letter in text)
        {
            if (letter is '&') escaped.Append("&amp;");
            else if (letter is '<') escaped.Append("&lt;");
            else if (letter is '>') escaped.Append("&gt;");
            else if (char.IsControl(letter)) escaped.Append(' ');
            else if (letter is '\\' or '|' or '`' or '*' or '_' or '[' or ']' or '~' or '#' or '@' or '$') escaped.Append('\\').Append(letter);
            else escaped.Append(letter);
        }
        return escaped.ToString();
    }
}
