using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>What a floor's threshold means.</summary>
public enum FloorKind
{
    /// <summary>The candidate's own value must reach the threshold.</summary>
    Minimum,

    /// <summary>The candidate may lose at most the threshold against the dense parent.</summary>
    MaxDrop,

    /// <summary>The candidate must keep the threshold's share of the dense parent's value.</summary>
    Retention,
}

/// <summary>What is compared with the threshold.</summary>
public enum FloorMode
{
    /// <summary>The one-sided confidence bound: the floor is cleared when that is sure enough.</summary>
    Interval,

    /// <summary>The measured value itself, whatever its uncertainty.</summary>
    Point,
}

/// <summary>One thing that a candidate must clear.</summary>
/// <param name="Dimension">What is measured; <c>accuracy</c> for classification.</param>
/// <param name="Slice">A slice's name, or <c>*</c>: every slice, each on its own.</param>
/// <param name="Kind">What the threshold means.</param>
/// <param name="Threshold">0 to 1.</param>
/// <param name="Confidence">One-sided confidence of the bound, 0.5 to 0.9999.</param>
/// <param name="Mode">What is compared.</param>
/// <param name="Location">The threshold's place in the harness.</param>
/// <param name="SliceLocation">The slice's place in the harness.</param>
/// <param name="Chance">What retention is measured from, or null for 0.</param>
public sealed record Floor(
    string Dimension,
    string Slice,
    FloorKind Kind,
    double Threshold,
    double Confidence,
    FloorMode Mode,
    SourceLocation Location,
    SourceLocation SliceLocation,
    ChanceLevel? Chance = null)
{
    private const double DefaultConfidence = 0.95;

    private static readonly (string Key, FloorKind Kind)[] Kinds =
        [("min", FloorKind.Minimum), ("maxDrop", FloorKind.MaxDrop), ("retention", FloorKind.Retention)];

    /// <summary>The floors of one entry, one for each of <c>min</c>, <c>maxDrop</c> and <c>retention</c> that it has.</summary>
    /// <exception cref="PruneBuildException">PB1011, PB1012 or PB1013 at the token at fault.</exception>
    internal static IEnumerable<Floor> Parse(JsonSection entry)
    {
        entry.AllowOnly("dimension", "slice", "min", "maxDrop", "retention", "chance", "confidence", "mode");
        var dimension = entry.OneOf("dimension", ("accuracy", "accuracy"));
        var slice = entry.Text("slice");
        if (slice != SliceName.Every && !SliceName.IsValid(slice)) throw entry.Invalid("slice", $"{SliceName.Expected}, or *");
        var confidence = entry.Has("confidence") ? entry.Number("confidence", 0.5, 0.9999) : DefaultConfidence;
        var mode = entry.Has("mode") ? entry.OneOf("mode", ("interval", FloorMode.Interval), ("point", FloorMode.Point)) : FloorMode.Interval;
        var chance = ChanceLevel.Parse(entry);
        if (!Kinds.Any(kind => entry.Has(kind.Key))) throw entry.Location.Error("PB1013", "min, maxDrop or retention");
        return
        [
            .. from kind in Kinds
               where entry.Has(kind.Key)
               let threshold = entry.Number(kind.Key, 0, 1)
               select new Floor(dimension, slice, kind.Kind, threshold, confidence, mode, entry.LocationOf(kind.Key), entry.LocationOf("slice"), kind.Kind == FloorKind.Retention ? chance : null),
        ];
    }
}
