namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// The bound of a difference of two independent estimates from their own bounds (method of variance estimates recovery). With Wilson
/// bounds it is method 10 of R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
/// Medicine 17 (1998) 873-890; in general G. Y. Zou, A. Donner, "Construction of confidence limits about effect measures", ibid. 27
/// (2008) 1693-1702.
/// </summary>
public static class MoverInterval
{
    /// <summary>The upper bound of (first - second).</summary>
    /// <param name="first">Estimate of the first.</param>
    /// <param name="firstUpper">Its upper bound.</param>
    /// <param name="second">Estimate of the second.</param>
    /// <param name="secondLower">Its lower bound, of the same confidence.</param>
    public static double UpperBound(double first, double firstUpper, double second, double secondLower) =>
        first - second + double.Hypot(firstUpper - first, second - secondLower);
}
