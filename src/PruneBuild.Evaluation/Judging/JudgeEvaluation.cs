using System.Globalization;
using System.Security.Cryptography;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Judging;

/// <summary>Lets a judge say what the texts of parent and candidate are worth, if it is calibrated well enough to be asked.</summary>
public static class JudgeEvaluation
{
    private const string DateFormat = "yyyy-MM-dd";

    // A label of a text that the parent does not write is one of another parent, or of other settings.
    private const double LeastCurrent = 0.5;

    /// <summary>Asks the judge about every text of both, or says why it is not asked.</summary>
    /// <param name="judge">The judge's entry in the harness.</param>
    /// <param name="asked">The judge.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="texts">What parent and candidate wrote.</param>
    /// <param name="today">The current day.</param>
    /// <param name="atOnce">Questions under way at the same time.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="PruneBuildException">
    /// PB1010 to PB1013, PB1061 or PB1062 in the labels. PB5043, PB5044 or PB5046, the first of more errors than the budget allows: then there are no scores at all.
    /// </exception>
    public static async Task<JudgedModels> OfAsync(
        HarnessJudge judge, IJudge asked, CaseSet cases, (WrittenTexts Parent, WrittenTexts Candidate) texts, DateOnly today, int atOnce, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(judge);
        ArgumentNullException.ThrowIfNull(asked);
        ArgumentNullException.ThrowIfNull(cases);
        var (calibration, faults) = Calibration(judge, cases, texts.Parent, today);
        var parentCorrection = calibration?.Parent is { } onParent ? ScoreCorrection.Of(judge.Spec, onParent) : null;
        var prunedCorrection = calibration?.Pruned is { } onPruned ? ScoreCorrection.Of(judge.Spec, onPruned) : null;
        if (faults.Count == 0 && (parentCorrection is null || prunedCorrection is null))
            faults = ["people gave one label only, or it is no better than chance, so its scores cannot be corrected"];
        var statement = new JudgeStatement
        {
            Name = judge.Name,
            Model = judge.Spec.Model,
            Pin = judge.Pin,
            Faults = faults,
            Calibrated = calibration?.Date,
            ValidUntil = calibration is null ? null : LastDay(calibration, judge.Spec.Limits),
            OnParent = calibration?.Parent,
            OnPruned = calibration?.Pruned,
            BiasDifference = calibration?.BiasDifference,
        };
        if (faults.Count > 0) return JudgedModels.Invalid(statement);

        var parent = await Run(texts.Parent).ConfigureAwait(false);
        var candidate = await Run(texts.Candidate).ConfigureAwait(false);
        // What could not be judged never speaks for the candidate.
        var (ofParent, ofCandidate) = (parent.Scores(missing: 1), candidate.Scores(missing: 0));
        return new JudgedModels(
            statement with
            {
                Asked = 2 * cases.Count,
                Errors = parent.Errors.Count + candidate.Errors.Count,
                RawParent = ofParent.Average(),
                RawCandidate = ofCandidate.Average(),
            },
            [.. ofParent], [.. ofCandidate], parentCorrection!, prunedCorrection!);

        Task<JudgeRun> Run(WrittenTexts written) => JudgeRun.OfAsync(
            asked,
            [.. written.Texts.Select((text, index) => new JudgeQuestion(cases.Id(index), cases.Tasks[index].Writing!.Prompt.ToString(), text.Text))],
            judge.Spec.Limits.ErrorBudget, atOnce, cancellation);
    }

    /// <summary>Asks a judge about the texts that people labelled.</summary>
    /// <param name="judge">The judge's entry in the harness.</param>
    /// <param name="asked">The judge.</param>
    /// <param name="today">The current day.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="PruneBuildException">As <see cref="CalibrationFile.Load"/> and <see cref="JudgeCalibration.OfAsync"/>.</exception>
    public static async Task<JudgeCalibration> CalibrateAsync(HarnessJudge judge, IJudge asked, DateOnly today, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(judge);
        ArgumentNullException.ThrowIfNull(asked);
        var samples = CalibrationFile.Load(judge.Labels.Path, judge.Spec);
        if (samples.Count == 0) throw judge.Labels.NamedAt.Error("PB1012", judge.Labels.Name, "labels", "the file holds no labels");
        var calibration = await JudgeCalibration.OfAsync(asked, judge.Spec, samples, today, cancellation).ConfigureAwait(false);
        return calibration with { Labels = HashOf(judge.Labels.Path) };
    }

    private static (JudgeCalibration? Calibration, IReadOnlyList<string> Faults) Calibration(HarnessJudge judge, CaseSet cases, WrittenTexts parent, DateOnly today)
    {
        if (!File.Exists(judge.CalibrationPath)) return (null, ["it was never calibrated: prunebuild judge calibrate does that"]);
        var calibration = JudgeCalibration.Load(judge.CalibrationPath);
        List<string> faults = [.. calibration.Faults(judge.Pin, judge.Spec.Limits, today)];
        if (calibration.Labels != HashOf(judge.Labels.Path)) faults.Add("people's labels are others than it was calibrated by");
        else if (Outdated(judge, cases, parent) is { } outdated) faults.Add(outdated);
        return (calibration, faults);
    }

    private static string? Outdated(HarnessJudge judge, CaseSet cases, WrittenTexts parent)
    {
        var indices = Enumerable.Range(0, cases.Count).ToDictionary(cases.Id, index => index, StringComparer.Ordinal);
        var current = CalibrationFile.Load(judge.Labels.Path, judge.Spec)
            .Where(sample => sample.Role == OutputRole.Parent && indices.ContainsKey(sample.Question.CaseId))
            .Select(sample => parent.Texts[indices[sample.Question.CaseId]].Text == sample.Question.Output)
            .ToList();
        return current.Count > 0 && current.Count(isCurrent => isCurrent) < LeastCurrent * current.Count
            ? FormattableString.Invariant($"it was calibrated on other texts: the dense parent writes {current.Count(isCurrent => isCurrent)} of the {current.Count} that people labelled")
            : null;
    }

    private static string? LastDay(JudgeCalibration calibration, JudgeLimits limits) =>
        DateOnly.TryParseExact(calibration.Date, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date.AddDays(limits.MaxAgeDays).ToString(DateFormat, CultureInfo.InvariantCulture)
            : null;

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
