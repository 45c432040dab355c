namespace PruneBuild.Evaluation.Scorers;

/// <summary>Scores of a sample in rising order, so that the area under the ROC curve of any resample takes one pass.</summary>
internal sealed class RankedScores
{
    private readonly double[] _scores;
    private readonly int[] _order;

    /// <param name="scores">One number a case.</param>
    public RankedScores(double[] scores)
    {
        _scores = scores;
        _order = Enumerable.Range(0, scores.Length).ToArray();
        Array.Sort((double[])scores.Clone(), _order);
    }

    /// <summary>
    /// The probability that a positive case has a larger score than a negative one, ties counted half (the Mann-Whitney form).
    /// </summary>
    /// <param name="drawn">How often each case was drawn.</param>
    /// <param name="isPositive">Which cases are positive.</param>
    /// <returns>Null when one of the kinds is missing.</returns>
    public double? AreaUnderRoc(int[] drawn, bool[] isPositive)
    {
        double positives = 0, negatives = 0, won = 0;
        for (var start = 0; start < _order.Length;)
        {
            double tiedPositives = 0, tiedNegatives = 0;
            var value = _scores[_order[start]];
            for (; start < _order.Length && _scores[_order[start]] == value; start++)
            {
                var i = _order[start];
                if (isPositive[i]) tiedPositives += drawn[i];
                else tiedNegatives += drawn[i];
            }
            won += tiedPositives * (negatives + (tiedNegatives / 2));
            positives += tiedPositives;
            negatives += tiedNegatives;
        }
        return positives > 0 && negatives > 0 ? won / (positives * negatives) : null;
    }
}
