using System.Globalization;
using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Reports;

/// <summary>
/// One judged floor, ready to be shown. Names are those of <c>verdict.json</c> and not of enumerations, so that kinds, results and keys
/// of a newer gate are shown as what they are called.
/// </summary>
/// <param name="Check">The floor and what was measured.</param>
/// <param name="Result">The result.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Profile">The resource profile it was measured under, or null.</param>
/// <param name="Name">The name of the floor in lock and ledger, or null.</param>
/// <param name="Case">The single case it is about, or null.</param>
/// <param name="Diagnostic">What the build says about it, or null when nothing.</param>
internal sealed record FloorRow(FloorCheck Check, string Result, string Kind, string? Profile, string? Name, string? Case, Diagnostic? Diagnostic)
{
    private const double Large = 100_000;

    /// <summary>Where a measured value comes from: measured, proxy, imported or not measured; null for what answers say.</summary>
    public string? Origin { get; private init; }

    /// <summary>The limits of its profile that did not hold, in words.</summary>
    public IReadOnlyList<string> NotEmulated { get; private init; } = [];

    /// <summary>How it is shown.</summary>
    public CheckState State => CheckState.Of(Result);

    /// <summary>Whether it keeps the candidate from shipping.</summary>
    public bool Blocks => Diagnostic?.Severity == Severity.Error;

    /// <summary>Whether a value was measured.</summary>
    public bool HasValue => Check.Cases > 0 && Result is not ("error" or "notMeasured") && double.IsFinite(Check.Estimate) && double.IsFinite(Check.Bound);

    /// <summary>Whether that value is an estimate with a bound, and no mere count.</summary>
    public bool HasInterval => HasValue && Check.Confidence < 1;

    /// <summary>Whether small values clear the floor.</summary>
    public bool IsUpperLimit => Kind is "maxDrop" or "maximum" or "sliceGap" or "maxRatio" or "critical" || Check.Bound > Check.Estimate;

    /// <summary>The slice for people.</summary>
    public string Slice => Check.Slice == SliceName.Every ? "all cases" : Check.Slice;

    /// <summary>The kind in words.</summary>
    public string KindName => Kind switch
    {
        "minimum" or "maximum" => Check.Dimension,
        "maxDrop" => "drop",
        "retention" when Check.Chance is not null => "retention above chance",
        "maxRatio" => "ratio to the dense parent",
        "minImprovement" => "gain",
        "sliceGap" => "drop beyond that of all cases",
        "critical" => "wrong answers",
        _ => Phrase.FromCamelCase(Kind),
    };

    /// <summary>What the floor asks, such as <c>accuracy ≥ 0.98</c>.</summary>
    public string Requirement => $"{KindName} {(IsUpperLimit ? "≤" : "≥")} {(Check.Confidence < 1 ? Value(Check.Threshold) : Phrase.Number(Check.Threshold))}";

    /// <summary>The subject, such as <c>accuracy on 'edge'</c>.</summary>
    public string Subject => Case is not null ? $"critical case '{Case}'" : (Origin is not null && Check.Slice == SliceName.Every ? Check.Dimension : $"{Check.Dimension} on '{Slice}'") + (Profile is null ? "" : $" under '{Profile}'");

    /// <summary>What the floor is, whatever its numbers: the same in every run and on every line.</summary>
    public string Identity => Name ?? string.Join('/', Check.Dimension, Check.Slice, Profile, Kind, Check.Mode, Case);

    /// <summary>The message without the runtime identifier, which the reader knows.</summary>
    public string Sentence
    {
        get
        {
            var end = Check.Message.StartsWith('[') ? Check.Message.IndexOf("] ", StringComparison.Ordinal) : -1;
            return end < 0 ? Check.Message : Check.Message[(end + 2)..];
        }
    }

    /// <summary>How far the deciding value lies on the good side of the threshold; negative when on the bad side.</summary>
    public double Headroom
    {
        get
        {
            var deciding = Check.Mode == FloorMode.Point ? Check.Estimate : Check.Bound;
            return IsUpperLimit ? Check.Threshold - deciding : deciding - Check.Threshold;
        }
    }

    /// <summary>The floors of a verdict, in its order.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="diagnostics">What the build says; a floor is found by its message.</param>
    public static IReadOnlyList<FloorRow> Of(Verdict verdict, IReadOnlyList<Diagnostic> diagnostics)
    {
        var stored = (JArray)JObject.Parse((verdict with { ParentConfusion = [], CandidateConfusion = [] }).ToJson())["checks"]!;
        return
        [
            .. verdict.Checks.Select((check, index) =>
            {
                string? Text(string key) => stored[index][key] is JValue { Value: not null } value ? value.ToString(CultureInfo.InvariantCulture) : null;
                var statement = check.State is null ? null : verdict.Profiles?.FirstOrDefault(profile => profile.Name == (check.Profile ?? ""));
                return new FloorRow(
                    check, Text("result")!, Text("kind")!, Text("profile"), Text("floor"), Text("case"), diagnostics.FirstOrDefault(diagnostic => diagnostic.Message == check.Message))
                {
                    Origin = Text("state") is { } state ? Phrase.FromCamelCase(state) : null,
                    NotEmulated = [.. (statement?.Limits ?? []).Where(limit => !limit.Emulated).Select(limit => limit.ToString())],
                };
            }),
        ];
    }

    /// <summary>A measured value.</summary>
    public static string Value(double value) => double.IsFinite(value) ? value.ToString(Math.Abs(value) >= Large ? "#,0" : "0.00##", CultureInfo.InvariantCulture) : "–";
}
