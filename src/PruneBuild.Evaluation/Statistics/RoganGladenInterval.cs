namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// A proportion that an imperfect judge counted, corrected by how often the judge is right. W. J. Rogan, B. Gladen, "Estimating
/// prevalence from the results of a screening test", American Journal of Epidemiology 107 (1978) 71-76; the interval is that of Z. Lang,
/// J. Reiczigel, "Confidence limits for prevalence of disease adjusted for estimated sensitivity and specificity", Preventive Veterinary
/// Medicine 113 (2014) 13-22, which counts the uncertainty of the calibration as well.
/// </summary>
/// <param name="Estimate">The corrected proportion, 0 to 1.</param>
/// <param name="Lower">Lower end of the two-sided interval.</param>
/// <param name="Upper">Upper end.</param>
public sealed record RoganGladenInterval(double Estimate, double Lower, double Upper)
{
    /// <summary>Corrects a count.</summary>
    /// <param name="positives">Cases that the judge called positive.</param>
    /// <param name="cases">All of them, above 0.</param>
    /// <param name="truePositives">Of <paramref name="humanPositives"/> in the calibration, those that the judge called positive.</param>
    /// <param name="humanPositives">Cases of the calibration that people called positive, above 0.</param>
    /// <param name="trueNegatives">Of <paramref name="humanNegatives"/>, those that the judge called negative.</param>
    /// <param name="humanNegatives">Cases of the calibration that people called negative, above 0.</param>
    /// <param name="confidence">Of the two-sided interval, such as 0.95.</param>
    /// <returns>Null when the judge is no better than chance: then its count says nothing.</returns>
    public static RoganGladenInterval? Of(
        int positives, int cases, int truePositives, int humanPositives, int trueNegatives, int humanNegatives, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cases, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(humanPositives, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(humanNegatives, 1);
        var informedness = ((double)truePositives / humanPositives) + ((double)trueNegatives / humanNegatives) - 1;
        if (informedness <= 0) return null;
        var estimate = (((double)positives / cases) + ((double)trueNegatives / humanNegatives) - 1) / informedness;

        var z = StandardNormal.Quantile(1 - ((1 - confidence) / 2));
        var n = cases + (z * z);
        var share = (positives + (z * z / 2)) / n;
        var (sensitivity, sensitivityCases) = ((truePositives + 1.0) / (humanPositives + 2), humanPositives + 2);
        var (specificity, specificityCases) = ((trueNegatives + 1.0) / (humanNegatives + 2), humanNegatives + 2);
        var better = sensitivity + specificity - 1;
        if (better <= 0) return null;
        var corrected = (share + specificity - 1) / better;
        var ofSensitivity = sensitivity * (1 - sensitivity) / sensitivityCases;
        var ofSpecificity = specificity * (1 - specificity) / specificityCases;
        var shift = 2 * z * z * ((corrected * ofSensitivity) - ((1 - corrected) * ofSpecificity));
        var error = Math.Sqrt((share * (1 - share) / n) + (corrected * corrected * ofSensitivity) + (Math.Pow(1 - corrected, 2) * ofSpecificity)) / better;
        return new RoganGladenInterval(Math.Clamp(estimate, 0, 1), Math.Clamp(corrected + shift - (z * error), 0, 1), Math.Clamp(corrected + shift + (z * error), 0, 1));
    }
}
