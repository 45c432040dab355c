using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Profiles;
using PruneBuild.Evaluation.Scorers;

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

    /// <summary>The candidate's own value must not exceed the threshold.</summary>
    Maximum,

    /// <summary>The candidate must be better than the dense parent by the threshold.</summary>
    MinImprovement,

    /// <summary>A slice may lose at most the threshold more than all cases together do.</summary>
    SliceGap,

    /// <summary>The candidate must have the case right.</summary>
    Critical,

    /// <summary>The candidate's value may be at most the threshold times the dense parent's, where less is better.</summary>
    MaxRatio,
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
/// <param name="Dimension">Name of what is measured, such as <c>accuracy</c> or <c>log_loss</c>.</param>
/// <param name="Slice">A slice's name, or <c>*</c>: every slice, each on its own.</param>
/// <param name="Kind">What the threshold means.</param>
/// <param name="Threshold">In the unit of the dimension; 0 to 1 for retention.</param>
/// <param name="Confidence">One-sided confidence of the bound, 0.5 to 0.9999.</param>
/// <param name="Mode">What is compared.</param>
/// <param name="Location">The threshold's place in the harness.</param>
/// <param name="SliceLocation">The slice's place in the harness.</param>
/// <param name="Chance">What retention is measured from, or null for 0.</param>
/// <param name="MinCases">Fewer cases in the slice are no measurement.</param>
public sealed record Floor(
    string Dimension,
    string Slice,
    FloorKind Kind,
    double Threshold,
    double Confidence,
    FloorMode Mode,
    SourceLocation Location,
    SourceLocation SliceLocation,
    ChanceLevel? Chance = null,
    int MinCases = 0)
{
    private const double DefaultConfidence = 0.95;
    private const string ProfileKey = "profile";

    private static readonly (string Key, FloorKind Kind)[] Kinds =
    [
        ("min", FloorKind.Minimum), ("maxDrop", FloorKind.MaxDrop), ("retention", FloorKind.Retention), ("max", FloorKind.Maximum),
        ("minImprovement", FloorKind.MinImprovement), ("sliceGap", FloorKind.SliceGap), ("maxRatio", FloorKind.MaxRatio),
    ];

    /// <summary>Name of the floor in lock, ledger and verdict: <c>accuracy/edge/maxDrop</c>, with <c>#2</c> for a second one of its kind.</summary>
    public string Id { get; init; } = "";

    /// <summary>The resource profile it holds under; null for all of them.</summary>
    public string? Profile { get; init; }

    /// <summary>The floors of one entry, one for each kind of threshold that it has.</summary>
    /// <exception cref="PruneBuildException">PB1011 to PB1013, PB1071, PB1075 or PB1080 at the token at fault.</exception>
    internal static IEnumerable<Floor> Parse(JsonSection entry, FloorSubjects subjects, IReadOnlyList<ResourceProfile> profiles, ContextLengths? contexts)
    {
        entry.AllowOnly(["dimension", FloorSubjects.MetricKey, "slice", .. Kinds.Select(kind => kind.Key), "chance", "confidence", "mode", "minCases", ProfileKey]);
        var dimension = subjects.Parse(entry);
        // What is measured of a model as a whole is the same on every slice.
        var isOfModel = !entry.Has("slice") && entry.Has(FloorSubjects.MetricKey) && ScorerRegistry.Find(dimension.Name) is ModelFigure;
        var slice = isOfModel ? SliceName.Every : entry.Text("slice");
        if (ContextLengths.IsName(slice)) ContextLengths.RequireKnown(entry, "slice", contexts);
        else if (slice != SliceName.Every && !SliceName.IsValid(slice)) throw entry.Invalid("slice", $"{SliceName.Expected}, or *");
        var confidence = entry.Has("confidence") ? entry.Number("confidence", 0.5, 0.9999) : DefaultConfidence;
        var mode = entry.Has("mode") ? entry.OneOf("mode", ("interval", FloorMode.Interval), ("point", FloorMode.Point)) : FloorMode.Interval;
        var chance = ChanceLevel.Parse(entry);
        if (chance is not null && dimension.Name != Evaluation.Dimension.Accuracy.Name) throw entry.Invalid("chance", "it is known for accuracy only");
        if (entry.Has("retention") && !dimension.HigherIsBetter) throw entry.Invalid("retention", $"less is better for {dimension.Name}: use max");
        if (entry.Has("maxRatio") && (dimension.HigherIsBetter || dimension.IsNeutral)) throw entry.Invalid("maxRatio", $"less is not better for {dimension.Name}: use retention");
        if (dimension.IsNeutral && Kinds.Select(kind => kind.Key).FirstOrDefault(key => key is not ("min" or "max") && entry.Has(key)) is { } relative)
            throw entry.Invalid(relative, $"neither end of {dimension.Name} is the good one: use min and max");
        if (entry.Has("sliceGap") && subjects.IsJudged(dimension.Name)) throw entry.Invalid("sliceGap", "a judge is calibrated on all cases together, not on slices");
        var minCases = entry.Has("minCases") ? entry.WholeNumber("minCases", 1, int.MaxValue) : 0;
        var profile = ProfileOf(entry, profiles);
        if (!Kinds.Any(kind => entry.Has(kind.Key))) throw entry.Location.Error("PB1013", string.Join(" or ", Kinds.Select(kind => kind.Key)));
        return
        [
            .. from kind in Kinds
               where entry.Has(kind.Key)
               select new Floor(
                   dimension.Name, slice, kind.Kind, Limit(entry, kind.Key, kind.Kind, dimension), confidence, mode, entry.LocationOf(kind.Key),
                   isOfModel ? entry.Location : entry.LocationOf("slice"), kind.Kind == FloorKind.Retention ? chance : null, minCases) { Profile = profile },
        ];
    }

    /// <summary>Whether the floor is an upper limit of what it looks at.</summary>
    internal bool IsUpperLimit => Kind is FloorKind.MaxDrop or FloorKind.Maximum or FloorKind.SliceGap or FloorKind.MaxRatio;

    /// <summary>Whether a measured value clears the floor.</summary>
    internal bool IsCleared(double value) => IsUpperLimit ? value <= Threshold : value >= Threshold;

    /// <summary>Whether the bound does, so that the floor is cleared for sure. An upper limit on a loss must lie above the bound.</summary>
    internal bool IsSure(double bound) => Kind is FloorKind.MaxDrop or FloorKind.SliceGap ? bound < Threshold : IsCleared(bound);

    /// <summary>Gives every floor its <see cref="Id"/>.</summary>
    internal static IReadOnlyList<Floor> Number(IEnumerable<Floor> floors)
    {
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        return
        [
            .. floors.Select(floor =>
            {
                var name = $"{floor.Dimension}/{floor.Slice}/{(floor.Profile is null ? "" : $"{floor.Profile}/")}{Kinds.First(kind => kind.Kind == floor.Kind).Key}";
                var count = used[name] = used.GetValueOrDefault(name) + 1;
                return floor with { Id = count == 1 ? name : $"{name}#{count}" };
            }),
        ];
    }

    private static string? ProfileOf(JsonSection entry, IReadOnlyList<ResourceProfile> profiles)
    {
        if (entry.OptionalText(ProfileKey) is not { } name || name == SliceName.Every) return null;
        string[] known = [.. profiles.Select(profile => profile.Name).Where(known => known.Length > 0)];
        return known.Contains(name) ? name : throw entry.LocationOf(ProfileKey).Error("PB1080", name, known.Length > 0 ? $"it has: {string.Join(", ", known)}" : "it has none");
    }

    private static double Limit(JsonSection entry, string key, FloorKind kind, Dimension dimension) => kind switch
    {
        FloorKind.Minimum or FloorKind.Maximum => entry.Number(key, dimension.Lowest, dimension.Highest),
        FloorKind.Retention => entry.Number(key, 0, 1),
        FloorKind.MaxRatio => entry.Number(key, 0, double.MaxValue),
        _ => entry.Number(key, 0, dimension.Range),
    };
}
