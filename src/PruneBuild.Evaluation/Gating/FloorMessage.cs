using System.Globalization;

namespace PruneBuild.Evaluation;

/// <summary>The sentence of a judged floor.</summary>
internal static class FloorMessage
{
    private const int MostDecimals = 6;

    public static string Judged(string rid, FloorCheck check)
    {
        var label = check.Mode == FloorMode.Point ? "point estimate decides, " : "";
        var confidence = $"{(check.Confidence * 100).ToString("0.##", CultureInfo.InvariantCulture)}%";
        // Two decimals read best, but not when they make a miss look like a hit.
        var decimals = Decimals(check.Kind == FloorKind.Minimum ? 2 : 3, check.Threshold, check.Estimate, check.Bound);
        var (value, floor, bound) = (Text(check.Estimate, decimals), Text(check.Threshold, decimals), Text(check.Bound, decimals));
        var (measured, interval) = check.Kind switch
        {
            FloorKind.MaxDrop => ($"drop {value}, allowed {floor}", $"{confidence} bound {bound}"),
            FloorKind.Retention => ($"{(check.Chance is null ? "" : "chance-adjusted ")}retention {value}, floor {floor}", $"{confidence} lower bound {bound}"),
            FloorKind.Maximum => ($"{value}, allowed {floor}", $"{confidence} upper bound {bound}"),
            FloorKind.MinImprovement => ($"gain {value}, required {floor}", $"{confidence} lower bound {bound}"),
            FloorKind.SliceGap => ($"drops {value} more than all cases do, allowed {floor}", $"{confidence} bound {bound}"),
            _ => ($"{value}, floor {floor}", $"{confidence} lower bound {bound}"),
        };
        var sentence = $"{Subject(rid, check.Dimension, check.Slice)} {measured} "
            + $"({label}{interval}, dense parent {Text(check.Parent, 2)}{(check.Chance is { } chance ? $", chance {Text(chance, 2)}" : "")}, "
            + $"n={check.Cases}{(check.Clusters is { } clusters ? $" in {clusters} clusters" : "")})";
        return check.Result != CheckResult.Inconclusive ? sentence
            : check.CasesNeeded is { } needed ? $"{sentence}; n>={needed} cases would decide"
            : $"{sentence}; the value lies on the limit, no number of cases would decide";
    }

    public static string Uninformative(string rid, FloorCheck check, double standardError) =>
        $"{Subject(rid, check.Dimension, check.Slice)} is uninformative: dense parent {Text(check.Parent, 3)} is less than two standard errors ({Text(standardError, 3)}) "
        + $"above chance {Text(check.Chance ?? 0, 3)}, so retention has no meaning (n={check.Cases})";

    public static string NotJudged(string rid, string dimension, string slice, string reason) =>
        $"{Subject(rid, dimension, slice)} has no value: {reason}";

    public static string CriticalWrong(string rid, string id, int label, int candidate, int parent) =>
        $"[{rid}] critical case '{id}' is answered {Answer(candidate)} instead of {label} (dense parent {Answer(parent)})";

    public static string CriticalFails(string rid, string id, bool parentHolds) =>
        $"[{rid}] critical case '{id}' fails its checks (dense parent {(parentHolds ? "meets them" : "fails as well")})";

    private static string Answer(int answer) =>
        answer == Predictions.NotFinite ? "without a finite output" : answer.ToString(CultureInfo.InvariantCulture);

    private static string Subject(string rid, string dimension, string slice) => $"[{rid}] {dimension} on '{slice}'";

    private static int Decimals(int fewest, double threshold, params double[] values)
    {
        var decimals = fewest;
        while (decimals < MostDecimals && (Math.Abs(double.Round(threshold, decimals) - threshold) > 1e-12 || values.Any(Hides))) decimals++;
        return decimals;

        bool Hides(double value) => value != threshold && Text(value, decimals) == Text(threshold, decimals);
    }

    private static string Text(double value, int decimals)
    {
        var text = value.ToString($"F{decimals}", CultureInfo.InvariantCulture);
        return text.StartsWith('-') && text.All(character => character is '-' or '0' or '.') ? text[1..] : text;
    }
}
