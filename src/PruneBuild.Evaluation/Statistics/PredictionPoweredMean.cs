using MathNet.Numerics.Statistics;

namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// The mean of what people would say, from many scores of a judge and a few of people: the judge's mean plus the mean of how far people
/// differ from it. A. N. Angelopoulos et al., "Prediction-powered inference", Science 382 (2023) 669-674. Right for any judge; the better
/// the judge, the narrower the interval.
/// </summary>
/// <param name="Estimate">The mean.</param>
/// <param name="Lower">Lower end of the two-sided interval.</param>
/// <param name="Upper">Upper end.</param>
public sealed record PredictionPoweredMean(double Estimate, double Lower, double Upper)
{
    /// <summary>Joins both.</summary>
    /// <param name="judged">The judge's scores of cases without people's, two or more.</param>
    /// <param name="differences">Of other cases, people's score minus the judge's, two or more.</param>
    /// <param name="confidence">Of the two-sided interval, such as 0.95.</param>
    public static PredictionPoweredMean Of(IReadOnlyList<double> judged, IReadOnlyList<double> differences, double confidence)
    {
        ArgumentNullException.ThrowIfNull(judged);
        ArgumentNullException.ThrowIfNull(differences);
        ArgumentOutOfRangeException.ThrowIfLessThan(judged.Count, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(differences.Count, 2);
        var estimate = judged.Average() + differences.Average();
        var error = Math.Sqrt((judged.Variance() / judged.Count) + (differences.Variance() / differences.Count));
        var distance = ClusterRobustTInterval.Quantile(differences.Count - 1, 1 - ((1 - confidence) / 2)) * error;
        return new PredictionPoweredMean(estimate, estimate - distance, estimate + distance);
    }
}
