using PruneBuild.Evaluation.Performance;

namespace PruneBuild.Evaluation.Reports;

/// <summary>What reports say of a resource profile.</summary>
internal static class ProfileWords
{
    private const string Missing = "–";

    public static string Name(ProfileStatement profile) => profile.Name.Length > 0 ? profile.Name : "no profile";

    public static string State(ProfileStatement profile) => profile.State switch
    {
        MeasurementState.Measured => "measured",
        MeasurementState.Proxy => "proxy",
        MeasurementState.Imported => "imported",
        _ => "not measured",
    };

    /// <summary>The state with its reason and the machine.</summary>
    public static string Origin(ProfileStatement profile) => string.Join("; ", new[]
    {
        profile.Reason is null || profile.State is MeasurementState.NotMeasured ? State(profile) : null,
        profile.Reason,
        profile.Machine is null ? null : $"{profile.Machine} on {profile.Date}",
    }.OfType<string>());

    public static string Ratio(ProfileStatement profile) => profile.Latency is { } latency
        ? $"{FloorRow.Value(latency.Ratio)} ({FloorRow.Value(latency.RatioLower)} to {FloorRow.Value(latency.RatioUpper)}){(latency.Instability is null ? "" : "; too noisy")}"
        : Missing;

    public static string Time(double? seconds) => seconds is { } value ? Phrase.Microseconds(value * 1e6) : Missing;

    public static string Memory(ModelStatement? model) => model?.Failure ?? (model?.PeakResidentBytes is { } bytes ? Phrase.Bytes(bytes) : Missing);

    public static string Limits(ProfileStatement profile) => profile.Limits.Count > 0 ? string.Join("; ", profile.Limits) : "none";
}
