using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Performance;

/// <summary>The key <c>performance</c> of a harness: how its profiles are measured and which figures of other machines count.</summary>
/// <param name="Latency">How often and how long.</param>
/// <param name="AllowProxy">Whether times of a machine with another RID than the target's stand in for those of the target.</param>
/// <param name="MaxAgeDays">How old an imported measurement may be.</param>
public sealed record PerformanceSettings(LatencyOptions Latency, bool AllowProxy, int MaxAgeDays)
{
    internal const string Key = "performance";

    private const int DefaultMaxAgeDays = 30;

    /// <exception cref="PruneBuildException">PB1011 or PB1012 at the token.</exception>
    internal static PerformanceSettings Parse(JsonSection harness)
    {
        var latency = new LatencyOptions();
        if (!harness.Has(Key)) return new PerformanceSettings(latency, AllowProxy: false, DefaultMaxAgeDays);
        var section = harness.Section(Key);
        section.AllowOnly("blocks", "seconds", "maxSpread", "allowProxy", "maxAgeDays");
        return new PerformanceSettings(
            latency with
            {
                Blocks = section.Has("blocks") ? section.WholeNumber("blocks", 2, 100_000) : latency.Blocks,
                Seconds = section.Has("seconds") ? section.Number("seconds", 0.1, 86_400) : latency.Seconds,
                MaxSpread = section.Has("maxSpread") ? section.Number("maxSpread", 0.001, 10) : latency.MaxSpread,
            },
            section.Has("allowProxy") && (section.Required("allowProxy") is JValue { Value: bool allowed } ? allowed : throw section.Invalid("allowProxy", "true or false is expected")),
            section.Has("maxAgeDays") ? section.WholeNumber("maxAgeDays", 1, 36_500) : DefaultMaxAgeDays);
    }
}
