using Newtonsoft.Json;

namespace PruneBuild.Evaluation;

/// <summary>How strict a floor was when it was locked.</summary>
/// <param name="Floor">Name of the floor; <c>critical/ID</c> for a case that the harness names.</param>
/// <param name="Threshold">As in the floor.</param>
/// <param name="Confidence">As in the floor.</param>
/// <param name="Mode">As in the floor.</param>
/// <param name="Chance">What retention is measured from, as text; null for 0.</param>
/// <param name="MinCases">As in the floor.</param>
public sealed record LockedFloor(string Floor, double Threshold, double Confidence, FloorMode Mode, string? Chance, int MinCases)
{
    /// <summary>The floors of a harness and the cases that it names as critical.</summary>
    public static IReadOnlyList<LockedFloor> Of(Harness harness)
    {
        ArgumentNullException.ThrowIfNull(harness);
        return
        [
            .. harness.Floors.Select(Of),
            .. harness.Critical.Ids.DistinctBy(named => named.Id).Select(named => new LockedFloor(CriticalCheck.FloorPrefix + named.Id, 0, 1, FloorMode.Point, null, 0)),
        ];
    }

    /// <summary>What is looser here than in <paramref name="other"/>, in words; null when nothing is.</summary>
    /// <param name="other">The same floor as it was.</param>
    /// <param name="isUpperLimit">Whether a larger threshold is the looser one.</param>
    public string? Looser(LockedFloor other, bool isUpperLimit)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (isUpperLimit ? Threshold > other.Threshold : Threshold < other.Threshold) return $"{Text(Threshold)} instead of {Text(other.Threshold)}";
        if (Confidence < other.Confidence) return $"confidence {Text(Confidence)} instead of {Text(other.Confidence)}";
        if (Mode == FloorMode.Point && other.Mode == FloorMode.Interval) return "mode point instead of interval";
        if (MinCases < other.MinCases) return $"minCases {MinCases} instead of {other.MinCases}";
        // From another chance level retention means something else: neither is the stricter one.
        return Chance == other.Chance ? null : $"chance {Chance ?? "0"} instead of {other.Chance ?? "0"}";
    }

    /// <summary>Whether a floor of this name limits from above.</summary>
    public static bool IsUpperLimit(string floor)
    {
        ArgumentNullException.ThrowIfNull(floor);
        var key = floor.Split('/')[^1].Split('#')[0];
        return key is "max" or "maxDrop" or "sliceGap" or "maxRatio";
    }

    private static LockedFloor Of(Floor floor)
    {
        var chance = floor.Chance is null ? null : floor.Chance.Accuracy is { } level ? Text(level) : "majority";
        return new LockedFloor(floor.Id, floor.Threshold, floor.Confidence, floor.Mode, chance, floor.MinCases);
    }

    private static string Text(double value) => JsonConvert.ToString(value);
}
