using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Judging;

/// <summary>A judge's mean score and what people's would be.</summary>
/// <param name="Raw">Mean of the judge's scores.</param>
/// <param name="Corrected">
/// Share of outputs that people would call positive, by how often the judge is right; null when it is no better than chance.
/// </param>
public sealed record CorrectedScore(double Raw, RoganGladenInterval? Corrected)
{
    /// <summary>Corrects the scores of a run by the calibration on outputs of the same kind of model.</summary>
    /// <param name="run">The judge's answers.</param>
    /// <param name="calibration">The calibration on these outputs.</param>
    /// <param name="confidence">Of the two-sided interval.</param>
    /// <exception cref="Diagnostics.PruneBuildException">PB5044 when the run had too many errors.</exception>
    public static CorrectedScore Of(JudgeRun run, RoleCalibration calibration, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(calibration);
        var scores = run.Scores();
        var corrected = calibration.Positives == 0 || calibration.Negatives == 0
            ? null
            : RoganGladenInterval.Of(
                scores.Count(score => score >= 0.5), scores.Count, calibration.TruePositives, calibration.Positives, calibration.TrueNegatives, calibration.Negatives, confidence);
        return new CorrectedScore(scores.Average(), corrected);
    }
}
