namespace PruneBuild.Evaluation.Scorers;

/// <summary>Correlation of two lists of finite numbers.</summary>
internal static class Correlation
{
    /// <summary>Pearson's r; not measured when one of the lists is constant.</summary>
    public static Score Pearson(double[] x, double[] y)
    {
        if (NumberPairs.IsConstant(x) || NumberPairs.IsConstant(y)) return Score.NotMeasured("every number is the same");
        double meanX = x.Average(), meanY = y.Average(), xx = 0, yy = 0, xy = 0;
        for (var i = 0; i < x.Length; i++)
        {
            double dx = x[i] - meanX, dy = y[i] - meanY;
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }
        var r = xy / (Math.Sqrt(xx) * Math.Sqrt(yy));
        return double.IsFinite(r) ? Score.Of(Math.Clamp(r, -1, 1)) : Score.NotMeasured("the numbers are too far apart or too close together");
    }

    /// <summary>Spearman's ρ: Pearson's r of the ranks, where tied numbers share their mean rank.</summary>
    public static Score Spearman(double[] x, double[] y) => Pearson(Ranks(x), Ranks(y));

    /// <summary>Ranks from 1, tied numbers share their mean.</summary>
    public static double[] Ranks(double[] values)
    {
        var sorted = (double[])values.Clone();
        var order = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort(sorted, order);
        var ranks = new double[values.Length];
        for (var start = 0; start < sorted.Length;)
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start]) end++;
            for (var i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2.0;
            start = end;
        }
        return ranks;
    }
}
