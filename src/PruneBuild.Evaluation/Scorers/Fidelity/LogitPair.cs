namespace PruneBuild.Evaluation.Scorers;

/// <summary>The logits of the dense parent and of a candidate at the same positions of the same case; a classifier has one position.</summary>
/// <param name="Parent">One row of logits a position.</param>
/// <param name="Candidate">The same positions and classes.</param>
public sealed record LogitPair(IReadOnlyList<float[]> Parent, IReadOnlyList<float[]> Candidate)
{
    /// <summary>Why the two cannot be compared; null when they can.</summary>
    internal string? Problem()
    {
        if (Parent.Count == 0) return "there are no logits";
        if (Parent.Count != Candidate.Count) return "parent and candidate have different numbers of positions";
        for (var i = 0; i < Parent.Count; i++)
        {
            if (Parent[i].Length == 0 || Parent[i].Length != Candidate[i].Length) return "parent and candidate have different numbers of classes";
            if (!Parent[i].All(float.IsFinite) || !Candidate[i].All(float.IsFinite)) return "a logit is not finite";
        }
        return null;
    }

    /// <summary>
    /// Kullback-Leibler divergence of the candidate from the parent at every position, in nats: what is lost when the parent's
    /// distribution is described by the candidate's. There is no <see cref="Problem"/>.
    /// </summary>
    internal double[] Divergences()
    {
        var result = new double[Parent.Count];
        for (var i = 0; i < result.Length; i++)
        {
            var parent = Softmax.LogProbabilities(Parent[i])!;
            var candidate = Softmax.LogProbabilities(Candidate[i])!;
            var sum = 0.0;
            for (var j = 0; j < parent.Length; j++) sum += Math.Exp(parent[j]) * (parent[j] - candidate[j]);
            // Rounding may leave a divergence of equal distributions just below zero.
            result[i] = Math.Max(0, sum);
        }
        return result;
    }
}
