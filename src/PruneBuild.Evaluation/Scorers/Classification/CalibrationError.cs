namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// The expected calibration error: how far the probability of the most probable class is from how often that class is right, as a
/// mean over bins of equal width. C. Guo et al., "On calibration of modern neural networks", ICML 2017. The number depends on the
/// bins, so only errors of the same bins compare.
/// </summary>
/// <param name="bins">Number of bins, 1 or more.</param>
public sealed class CalibrationError(int bins) : SampleScorer<ClassificationCase>($"ece@{bins}", ScoreRange.Unit, ScoreDirection.Lower)
{
    /// <summary>The bars of the reliability diagram, in rising order; null when a case has no valid probabilities.</summary>
    public IReadOnlyList<ReliabilityBin>? Diagram(IReadOnlyList<ClassificationCase> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        if (cases.Any(input => input.Problem() is not null)) return null;
        return Fill([.. cases.Select(Answer)], Enumerable.Range(0, cases.Count).ToArray());
    }

    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<ClassificationCase> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        for (var i = 0; i < cases.Count; i++)
        {
            if (cases[i].Problem() is { } problem) return PreparedSample.NotMeasured(cases.Count, $"case {i}: {problem}");
        }
        var answers = cases.Select(Answer).ToArray();
        return new PreparedSample(cases.Count, indices =>
        {
            var all = (double)indices.Length;
            return Score.Of(Fill(answers, indices).Sum(bin => bin.Cases / all * Math.Abs((bin.Accuracy - bin.Confidence) ?? 0)));
        });
    }

    private static (double Confidence, bool IsRight) Answer(ClassificationCase input)
    {
        var best = 0;
        for (var i = 1; i < input.Probabilities!.Count; i++)
        {
            if (input.Probabilities[i] > input.Probabilities[best]) best = i;
        }
        return (input.Probabilities[best], best == input.Label);
    }

    private ReliabilityBin[] Fill((double Confidence, bool IsRight)[] answers, ReadOnlySpan<int> indices)
    {
        var count = new int[bins];
        var right = new int[bins];
        var confidence = new double[bins];
        foreach (var i in indices)
        {
            var bin = BinOf(answers[i].Confidence);
            count[bin]++;
            confidence[bin] += answers[i].Confidence;
            if (answers[i].IsRight) right[bin]++;
        }
        return [.. Enumerable.Range(0, bins).Select(i => new ReliabilityBin(
            Edge(i),
            Edge(i + 1),
            count[i],
            count[i] > 0 ? confidence[i] / count[i] : null,
            count[i] > 0 ? (double)right[i] / count[i] : null))];
    }

    private double Edge(int i) => (double)i / bins;

    // The product may round across an edge, so the neighbours are compared with the edges themselves.
    private int BinOf(double confidence)
    {
        var bin = Math.Clamp((int)Math.Ceiling(confidence * bins) - 1, 0, bins - 1);
        if (bin > 0 && confidence <= Edge(bin)) return bin - 1;
        return bin < bins - 1 && confidence > Edge(bin + 1) ? bin + 1 : bin;
    }
}
