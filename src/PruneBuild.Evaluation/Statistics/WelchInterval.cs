using MathNet.Numerics.Statistics;

namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// The two-sided t interval of the difference of two means of independent samples with variances of their own. B. L. Welch, "The
/// generalization of Student's problem when several different population variances are involved", Biometrika 34 (1947) 28-35.
/// </summary>
/// <param name="Difference">Mean of the second minus mean of the first.</param>
/// <param name="Lower">Lower end.</param>
/// <param name="Upper">Upper end.</param>
public sealed record WelchInterval(double Difference, double Lower, double Upper)
{
    /// <summary>Whether 0 lies outside.</summary>
    public bool ExcludesZero => Lower > 0 || Upper < 0;

    /// <summary>The interval.</summary>
    /// <param name="first">Two numbers or more.</param>
    /// <param name="second">Two numbers or more.</param>
    /// <param name="confidence">Such as 0.95.</param>
    public static WelchInterval Of(IReadOnlyList<double> first, IReadOnlyList<double> second, double confidence)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentOutOfRangeException.ThrowIfLessThan(first.Count, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(second.Count, 2);
        var difference = second.Average() - first.Average();
        var (one, other) = (first.Variance() / first.Count, second.Variance() / second.Count);
        if (one + other <= 0) return new WelchInterval(difference, difference, difference);
        var freedom = Math.Pow(one + other, 2) / ((one * one / (first.Count - 1)) + (other * other / (second.Count - 1)));
        var distance = ClusterRobustTInterval.Quantile(freedom, 1 - ((1 - confidence) / 2)) * Math.Sqrt(one + other);
        return new WelchInterval(difference, difference - distance, difference + distance);
    }
}
