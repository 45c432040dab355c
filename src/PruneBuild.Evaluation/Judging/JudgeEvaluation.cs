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
        if (faults.Count == 0 && !judge.Compares && (parentCorrection is null || prunedCorrection is null))
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

        if (judge.Compares) return await Compare(judge, asked, cases, texts, statement, atOnce, cancellation).ConfigureAwait(false);
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
    /// <param name="open">Opens it.</param>
    /// <param name="today">The current day.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="PruneBuildException">As <see cref="CalibrationFile.Load"/> and <see cref="JudgeCalibration.OfAsync"/>.</exception>
    public static async Task<JudgeCalibration> CalibrateAsync(HarnessJudge judge, Func<IJudge> open, DateOnly today, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(judge);
        ArgumentNullException.ThrowIfNull(open);
        var opened = new Lazy<IJudge>(open);
        var samples = CalibrationFile.Load(judge.Labels.Path, judge.Spec);
        if (samples.Count == 0) throw judge.Labels.NamedAt.Error("PB1012", judge.Labels.Name, "labels", "the file holds no labels");
        var kept = new KeptJudge(judge, () => opened.Value, new JudgementMemory());
        var calibration = await JudgeCalibration.OfAsync(kept, judge.Spec, samples, today, cancellation).ConfigureAwait(false);
        var consistency = judge.Spec.Repeats < 2 ? null
            : await SelfConsistency.OfAsync(new ForgetfulJudge(judge, () => opened.Value), [.. samples.Select(sample => sample.Question)], judge.Spec.Repeats, cancellation).ConfigureAwait(false);
        return calibration with { Labels = HashOf(judge.Labels.Path), Consistency = consistency?.Agreement };
    }

    // Whose text is better is no share of good ones, so it is held against one half and not corrected.
    private static async Task<JudgedModels> Compare(
        HarnessJudge judge, IJudge asked, CaseSet cases, (WrittenTexts Parent, WrittenTexts Candidate) texts, JudgeStatement statement, int atOnce, CancellationToken cancellation)
    {
        var limits = judge.Spec.Limits;
        var comparison = await JudgeComparison.OfAsync(asked, cases, texts, limits.ErrorBudget, atOnce, cancellation).ConfigureAwait(false);
        statement = statement with { SwapConsistency = comparison.SwapConsistency, Asked = 2 * comparison.Compared, Errors = comparison.Errors.Count };
        if (comparison.SwapConsistency < limits.MinSwapConsistency)
        {
            return JudgedModels.Invalid(statement with
            {
                Faults = [FormattableString.Invariant($"its preference stays the same in {comparison.SwapConsistency:P0} of the pairs when their order is turned, below {limits.MinSwapConsistency:P0}")],
            });
        }
        double[] candidate = [.. comparison.Scores.Select(score => double.IsNaN(score) ? 0 : score)];
        return new JudgedModels(
            statement with { RawParent = 0.5, RawCandidate = candidate.Average() },
            [.. Enumerable.Repeat(0.5, cases.Count)], candidate, ScoreCorrection.None, ScoreCorrection.None);
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
