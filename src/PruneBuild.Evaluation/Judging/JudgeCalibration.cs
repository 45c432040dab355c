using System.Globalization;
using Newtonsoft.Json;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Judging;

/// <summary>
/// What a judge is worth: its labels against people's, on the outputs of the dense parent and on those of pruned models. A judge that is
/// right about the parent may be wrong about the new kinds of faults that pruning makes.
/// </summary>
/// <param name="Judge">Identity of the judge.</param>
/// <param name="Date">Day of the calibration, as 2026-12-31.</param>
/// <param name="Parent">On the parent's outputs; null without labels of them.</param>
/// <param name="Pruned">On the outputs of pruned models; null without labels of them.</param>
/// <param name="BiasDifference">
/// How much more than people the judge favours pruned models over the parent, with its interval of 95 %; null below two labels of either.
/// </param>
public sealed record JudgeCalibration(string Judge, string Date, RoleCalibration? Parent, RoleCalibration? Pruned, WelchInterval? BiasDifference)
{
    private const double Confidence = 0.95;
    private const string DateFormat = "yyyy-MM-dd";

    /// <summary>Hash of the file with people's labels; null where there was none.</summary>
    public string? Labels { get; init; }

    /// <summary>Mean share of equal answers when each question was asked again; null when none was.</summary>
    public double? Consistency { get; init; }

    /// <summary>Asks the judge about every labelled output.</summary>
    /// <param name="judge">The judge.</param>
    /// <param name="spec">Its labels.</param>
    /// <param name="samples">People's labels.</param>
    /// <param name="today">The current day.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="PruneBuildException">PB5043 or PB5044 of the first answer that fails: half a calibration is none.</exception>
    public static async Task<JudgeCalibration> OfAsync(
        IJudge judge, JudgeSpec spec, IReadOnlyList<CalibrationSample> samples, DateOnly today, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(judge);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(samples);
        var pairs = new List<(CalibrationSample Sample, JudgeLabel Judge)>();
        foreach (var sample in samples)
            pairs.Add((sample, (await judge.JudgeAsync(sample.Question, cancellation).ConfigureAwait(false)).Label));
        var (parent, pruned) = (pairs.FindAll(pair => pair.Sample.Role == OutputRole.Parent), pairs.FindAll(pair => pair.Sample.Role == OutputRole.Pruned));
        return new JudgeCalibration(
            judge.Key,
            today.ToString(DateFormat, CultureInfo.InvariantCulture),
            parent.Count > 0 ? RoleCalibration.Of(spec, parent) : null,
            pruned.Count > 0 ? RoleCalibration.Of(spec, pruned) : null,
            parent.Count > 1 && pruned.Count > 1 ? WelchInterval.Of(Differences(parent), Differences(pruned), Confidence) : null);
    }

    /// <summary>Why the judge's scores do not count, as PB5045 each; empty when they do.</summary>
    /// <param name="key">Identity of the judge that scored.</param>
    /// <param name="limits">What it must show.</param>
    /// <param name="today">The current day.</param>
    public IReadOnlyList<Diagnostic> Check(string key, JudgeLimits limits, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return [.. Faults(key, limits, today).Select(fault => Diagnostic.Create("PB5045", Severity.Error, fault))];
    }

    /// <summary>Writes the calibration with a hash over all of it.</summary>
    public void Save(string path) => SealedJson.Save(path, this);

    /// <summary>Reads a calibration.</summary>
    /// <exception cref="PruneBuildException">PB1010 no JSON, PB5045 changed after it was written, or no calibration.</exception>
    public static JudgeCalibration Load(string path)
    {
        try
        {
            return SealedJson.Load<JudgeCalibration>(path) ?? throw new PruneBuildException("PB5045", "its calibration was changed after it was written").At(path, 1, 1);
        }
        catch (JsonException exception)
        {
            throw new PruneBuildException(Diagnostic.Create("PB5045", Severity.Error, $"its calibration cannot be read: {exception.Message}").At(path, 1, 1), exception);
        }
    }

    private static double[] Differences(List<(CalibrationSample Sample, JudgeLabel Judge)> pairs) => [.. pairs.Select(pair => pair.Judge.Score - pair.Sample.Human.Score)];

    internal IEnumerable<string> Faults(string key, JudgeLimits limits, DateOnly today)
    {
        FormattableString? staleness = null;
        if (Judge != key) staleness = $"it is not the judge that was calibrated ({Short(key)} instead of {Short(Judge)})";
        else if (!DateOnly.TryParseExact(Date, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)) staleness = $"its calibration has no date";
        else if (today.DayNumber - date.DayNumber > limits.MaxAgeDays) staleness = $"its calibration of {Date} is older than {limits.MaxAgeDays} days";
        if (staleness is not null) yield return FormattableString.Invariant(staleness);

        foreach (var (role, name) in ((RoleCalibration?, string)[])[(Parent, "the parent"), (Pruned, "pruned models")])
        {
            if ((role?.Cases ?? 0) < limits.MinLabels)
                yield return FormattableString.Invariant($"people labelled {role?.Cases ?? 0} outputs of {name}, fewer than {limits.MinLabels}");
        }
        if (Consistency is { } consistency && consistency < limits.MinConsistency)
            yield return FormattableString.Invariant($"asked again it gives the same answer in {consistency:P0} of the cases, below {limits.MinConsistency:P0}");
        if (Parent is null || Pruned is null) yield break;
        if (Pruned.KappaLower is not { } lower || Pruned.Kappa is not { } kappa)
        {
            yield return "people and judge gave one label only to the outputs of pruned models, so agreement means nothing";
            yield break;
        }
        if (lower < limits.MinKappa)
            yield return FormattableString.Invariant($"kappa on pruned models is {kappa:F2} with the lower bound {lower:F2}, below {limits.MinKappa:F2}");
        if (Parent.Kappa is { } parentKappa && Math.Abs(parentKappa - kappa) > limits.MaxKappaGap)
            yield return FormattableString.Invariant($"kappa is {parentKappa:F2} on the parent and {kappa:F2} on pruned models, more than {limits.MaxKappaGap:F2} apart");
        if (BiasDifference is { ExcludesZero: true } bias && Math.Abs(bias.Difference) > limits.MaxBias)
            yield return FormattableString.Invariant(
                $"it favours {(bias.Difference > 0 ? "pruned models" : "the parent")} by {Math.Abs(bias.Difference):F2} more than people do (95% interval {bias.Lower:F2} to {bias.Upper:F2})");
    }

    private static string Short(string key) => key.Length > 12 ? key[..12] : key;
}
