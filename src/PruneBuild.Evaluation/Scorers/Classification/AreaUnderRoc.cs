namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// The area under the ROC curve. With two classes it is that of class 1 (<c>auc</c>); with any number, the unweighted mean of each
/// class against the rest (<c>auc.ovr</c>; F. Provost, P. Domingos, "Well-trained PETs", 2000, without their weights). J. A. Hanley,
/// B. J. McNeil, "The meaning and use of the area under a ROC curve", Radiology 143 (1982) 29-36. Every class needs a case.
/// </summary>
/// <param name="oneVersusRest">Whether each class is compared with the rest.</param>
public sealed class AreaUnderRoc(bool oneVersusRest)
    : SampleScorer<ClassificationCase>(oneVersusRest ? "auc.ovr" : "auc", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<ClassificationCase> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        if (cases.Count == 0) return PreparedSample.NotMeasured(0, "no cases");
        var classes = cases[0].Probabilities?.Count ?? 0;
        for (var i = 0; i < cases.Count; i++)
        {
            if (Problem(cases[i], classes) is { } problem) return PreparedSample.NotMeasured(cases.Count, $"case {i}: {problem}");
        }
        var compared = oneVersusRest ? Enumerable.Range(0, classes).ToArray() : [1];
        var rankings = compared.Select(one => new RankedScores([.. cases.Select(input => input.Probabilities![one])])).ToArray();
        var positives = compared.Select(one => cases.Select(input => input.Label == one).ToArray()).ToArray();
        return new PreparedSample(cases.Count, indices =>
        {
            var drawn = new int[positives[0].Length];
            foreach (var i in indices) drawn[i]++;
            var sum = 0.0;
            for (var i = 0; i < compared.Length; i++)
            {
                if (rankings[i].AreaUnderRoc(drawn, positives[i]) is not { } area)
                    return Score.NotMeasured($"class {compared[i]} has no case, or nothing else has");
                sum += area;
            }
            return Score.Of(sum / compared.Length);
        });
    }

    private string? Problem(ClassificationCase input, int classes)
    {
        if (input.Problem() is { } problem) return problem;
        if (input.Probabilities!.Count != classes) return "it has another number of classes";
        return !oneVersusRest && classes != 2 ? $"two classes are expected, not {classes}; use auc.ovr" : null;
    }
}
