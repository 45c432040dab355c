using PruneBuild.Evaluation.Scorers;
using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Judging;

/// <summary>How a judge's labels compare with people's on the outputs of one model.</summary>
/// <param name="Cases">Number of labels.</param>
/// <param name="Kappa">Cohen's kappa; null when both know one label only.</param>
/// <param name="KappaLower">Its one-sided lower bound of 95 %; null with kappa.</param>
/// <param name="Agreement">Share of equal labels.</param>
/// <param name="ConstantAgreement">What always answering people's most frequent label would reach.</param>
/// <param name="Positives">Cases that people called positive.</param>
/// <param name="TruePositives">Of these, those that the judge called positive.</param>
/// <param name="Negatives">Cases that people called negative.</param>
/// <param name="TrueNegatives">Of these, those that the judge called negative.</param>
/// <param name="Bias">Mean of the judge's score minus people's; above 0 the judge is too kind.</param>
/// <param name="LengthBias">Spearman correlation of that difference with the length of the output; null when there is none.</param>
public sealed record RoleCalibration(
    int Cases, double? Kappa, double? KappaLower, double Agreement, double ConstantAgreement,
    int Positives, int TruePositives, int Negatives, int TrueNegatives, double Bias, double? LengthBias)
{
    private const double Confidence = 0.95;

    /// <summary>One-sided upper bound of kappa of 95 %; null with kappa.</summary>
    public double? KappaUpper { get; init; }

    /// <summary>Standard error of <see cref="Bias"/>.</summary>
    public double BiasError { get; init; }

    internal static RoleCalibration Of(JudgeSpec spec, IReadOnlyList<(CalibrationSample Sample, JudgeLabel Judge)> pairs)
    {
        var names = spec.Labels.Select(label => label.Name).ToList();
        var counts = new int[names.Count, names.Count];
        foreach (var (sample, judge) in pairs) counts[names.IndexOf(sample.Human.Name), names.IndexOf(judge.Name)]++;
        var kappa = CohensKappa.Of(counts);
        double[] differences = [.. pairs.Select(pair => pair.Judge.Score - pair.Sample.Human.Score)];
        var length = Correlation.Spearman(differences, [.. pairs.Select(pair => (double)pair.Sample.Question.Output.Length)]);
        return new RoleCalibration(
            pairs.Count,
            double.IsNaN(kappa.Kappa) ? null : kappa.Kappa,
            double.IsNaN(kappa.Kappa) ? null : kappa.LowerBound(Confidence),
            kappa.Agreement,
            (double)pairs.GroupBy(pair => pair.Sample.Human.Name).Max(group => group.Count()) / pairs.Count,
            pairs.Count(pair => pair.Sample.Human.IsPositive),
            pairs.Count(pair => pair.Sample.Human.IsPositive && pair.Judge.IsPositive),
            pairs.Count(pair => !pair.Sample.Human.IsPositive),
            pairs.Count(pair => !pair.Sample.Human.IsPositive && !pair.Judge.IsPositive),
            differences.Average(),
            length.Value)
        {
            KappaUpper = double.IsNaN(kappa.Kappa) ? null : Math.Min(1, kappa.Kappa + (StandardNormal.Quantile(Confidence) * kappa.StandardError)),
            BiasError = differences.Length > 1 ? Math.Sqrt(MathNet.Numerics.Statistics.Statistics.Variance(differences) / differences.Length) : 0,
        };
    }
}
