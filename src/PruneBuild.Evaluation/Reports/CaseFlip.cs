using System.Globalization;
using Newtonsoft.Json;

namespace PruneBuild.Evaluation.Reports;

/// <summary>What became of a case that parent and candidate answer differently.</summary>
public enum FlipKind
{
    /// <summary>Only the parent is right.</summary>
    Lost,

    /// <summary>Only the candidate is right.</summary>
    Won,

    /// <summary>Neither is right, each in its own way.</summary>
    Changed,
}

/// <summary>A case that parent and candidate answer differently.</summary>
/// <param name="Index">Its number among all cases.</param>
/// <param name="Id">Its name.</param>
/// <param name="Slice">Its slice.</param>
/// <param name="Kind">What became of it.</param>
/// <param name="Label">The right answer.</param>
/// <param name="Parent">The parent's answer.</param>
/// <param name="Candidate">The candidate's answer.</param>
/// <param name="ParentMargin">How clear the parent's answer was, in the unit of the output; larger is clearer.</param>
/// <param name="CandidateMargin">The same of the candidate.</param>
public sealed record CaseFlip(
    int Index, string Id, string Slice, FlipKind Kind, string Label, string Parent, string Candidate, double ParentMargin, double CandidateMargin)
{
    private const string NoAnswer = "no answer";

    /// <summary>A picture of the input as a data URI, or null.</summary>
    [JsonIgnore]
    public string? Picture { get; init; }

    /// <summary>
    /// The flips of an evaluation: lost ones first, then by slice, then by how sure the model was that was right. Every kind and slice
    /// has its share of <paramref name="most"/>, so a slice with many losses does not hide those of the next.
    /// </summary>
    /// <param name="cases">The cases.</param>
    /// <param name="parent">What the parent answered.</param>
    /// <param name="candidate">What the candidate answered.</param>
    /// <param name="most">How many are wanted at most.</param>
    public static IReadOnlyList<CaseFlip> Find(CaseSet cases, Predictions parent, Predictions candidate, int most)
    {
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var groups = Enumerable.Range(0, cases.Count)
            .Where(index => parent.Classes[index] != candidate.Classes[index])
            .GroupBy(index => (Kind: KindOf(cases.Labels[index], parent.Classes[index], candidate.Classes[index]), Slice: cases.SliceOf[index]))
            .OrderBy(group => group.Key)
            .ToList();
        var share = Math.Max(1, most / Math.Max(1, groups.Count));
        return
        [
            .. groups.SelectMany(group => group
                .OrderByDescending(index => (group.Key.Kind == FlipKind.Won ? candidate : parent).Margins[index])
                .ThenBy(index => index)
                .Take(share)
                .Select(index => new CaseFlip(
                    index, cases.Id(index), cases.Slices[group.Key.Slice], group.Key.Kind,
                    cases.Labels[index].ToString(CultureInfo.InvariantCulture), Answer(parent, index), Answer(candidate, index),
                    parent.Margins[index], candidate.Margins[index])))
                .Take(most),
        ];
    }

    private static FlipKind KindOf(int label, int parent, int candidate) =>
        parent == label ? FlipKind.Lost : candidate == label ? FlipKind.Won : FlipKind.Changed;

    private static string Answer(Predictions predictions, int index) =>
        predictions.Classes[index] is var answer && answer == Predictions.NotFinite ? NoAnswer : answer.ToString(CultureInfo.InvariantCulture);
}
