namespace PruneBuild.Evaluation.Judging;

/// <summary>
/// Turns the mean of a judge's scores into what people's would be: a straight line, by the calibration on outputs of the same kind of
/// model. For labels of 0 and 1 that is Rogan and Gladen's correction with the uncertainty that Lang and Reiczigel give it (2014, with a
/// case more of either kind); for others the mean of how far people differ from the judge is added (prediction-powered inference).
/// </summary>
/// <param name="Slope">Factor of the judge's mean.</param>
/// <param name="Offset">Added to it.</param>
/// <param name="Variance">Variance that the calibration brings in, at a corrected mean.</param>
internal sealed record ScoreCorrection(double Slope, double Offset, Func<double, double> Variance)
{
    /// <summary>Of scores that no judge gave.</summary>
    public static ScoreCorrection None { get; } = new(1, 0, _ => 0);

    /// <summary>The corrected mean, not cut off at 0 and 1.</summary>
    public double Apply(double mean) => (Slope * mean) + Offset;

    /// <summary>Null when the judge is no better than chance, or people knew one label only.</summary>
    public static ScoreCorrection? Of(JudgeSpec spec, RoleCalibration calibration)
    {
        if (spec.Labels.Any(label => label.Score is not (0 or 1))) return new ScoreCorrection(1, -calibration.Bias, _ => calibration.BiasError * calibration.BiasError);
        if (calibration.Positives == 0 || calibration.Negatives == 0) return null;
        var (sensitivity, specificity) = ((double)calibration.TruePositives / calibration.Positives, (double)calibration.TrueNegatives / calibration.Negatives);
        var (ofPositives, ofNegatives) = (calibration.Positives + 2, calibration.Negatives + 2);
        var (likelySensitivity, likelySpecificity) = ((calibration.TruePositives + 1.0) / ofPositives, (calibration.TrueNegatives + 1.0) / ofNegatives);
        var informedness = sensitivity + specificity - 1;
        var likelyInformedness = likelySensitivity + likelySpecificity - 1;
        if (informedness <= 0 || likelyInformedness <= 0) return null;
        double Variance(double mean) =>
            ((mean * mean * likelySensitivity * (1 - likelySensitivity) / ofPositives) + ((1 - mean) * (1 - mean) * likelySpecificity * (1 - likelySpecificity) / ofNegatives))
            / (likelyInformedness * likelyInformedness);
        return new ScoreCorrection(1 / informedness, (specificity - 1) / informedness, Variance);
    }
}
