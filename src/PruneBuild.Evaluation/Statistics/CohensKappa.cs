namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// Agreement of two raters beyond chance. J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological
/// Measurement 20 (1960) 37-46; the standard error is that of J. L. Fleiss, J. Cohen, B. S. Everitt, "Large sample standard errors of
/// kappa and weighted kappa", Psychological Bulletin 72 (1969) 323-327.
/// </summary>
/// <param name="Kappa">1 for agreement in every case, 0 for that of chance; NaN when both raters know one label only.</param>
/// <param name="StandardError">Its standard error; 0 for full agreement, NaN with kappa.</param>
/// <param name="Agreement">Share of cases with the same label.</param>
/// <param name="Cases">Number of cases.</param>
public sealed record CohensKappa(double Kappa, double StandardError, double Agreement, int Cases)
{
    /// <summary>Kappa of a square table of counts.</summary>
    /// <param name="counts">Cases by label of the first and label of the second rater, one or more in all.</param>
    public static CohensKappa Of(int[,] counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var size = counts.GetLength(0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.GetLength(1), size);
        var n = counts.Cast<int>().Sum();
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        var (rows, columns) = (new double[size], new double[size]);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                rows[i] += (double)counts[i, j] / n;
                columns[j] += (double)counts[i, j] / n;
            }
        }
        double observed = 0, expected = 0;
        for (var i = 0; i < size; i++)
        {
            observed += (double)counts[i, i] / n;
            expected += rows[i] * columns[i];
        }
        // One label alone: chance agrees fully, and nothing can be beyond it.
        if (expected >= 1) return new CohensKappa(double.NaN, double.NaN, observed, n);

        var variance = -Math.Pow((observed * expected) - (2 * expected) + observed, 2);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                var share = (double)counts[i, j] / n;
                variance += i == j
                    ? share * Math.Pow(1 - expected - ((rows[i] + columns[i]) * (1 - observed)), 2)
                    : share * Math.Pow((1 - observed) * (columns[i] + rows[j]), 2);
            }
        }
        var error = Math.Sqrt(Math.Max(0, variance) / (n * Math.Pow(1 - expected, 4)));
        return new CohensKappa((observed - expected) / (1 - expected), error, observed, n);
    }

    /// <summary>The one-sided lower bound; NaN with kappa.</summary>
    /// <param name="confidence">0.5 to below 1.</param>
    public double LowerBound(double confidence)
    {
        // Full agreement has the standard error 0, and a few cases still prove little: then Wilson's bound of the agreement, beyond a chance of one half.
        if (Agreement >= 1 && !double.IsNaN(Kappa)) return Math.Max(-1, (2 * WilsonInterval.LowerBound(Cases, Cases, confidence)) - 1);
        return Kappa - (StandardNormal.Quantile(confidence) * StandardError);
    }
}
