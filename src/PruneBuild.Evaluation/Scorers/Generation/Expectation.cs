using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// One <c>expect</c> object of a case, such as <c>{"type":"icontains","value":"refund","dim":"factuality"}</c>: a check of what a
/// model wrote. <c>not-</c> before the type asks that it does not hold. <c>path</c> checks a part of a JSON output instead of all of
/// it; output that is no JSON or lacks the part fails either way, since nothing was there that could be right.
/// </summary>
public sealed class Expectation : ICaseScorer<Generation>
{
    private readonly GenerationCheck _check;
    private readonly bool _isNegated;
    private readonly JsonPath? _path;

    private Expectation(string type, string? dimension, SourceLocation location, GenerationCheck check, bool isNegated, JsonPath? path)
    {
        (Name, Dimension, Location) = (type, dimension, location);
        (_check, _isNegated, _path) = (check, isNegated, path);
    }

    /// <summary>The type as written, <c>not-</c> included.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public ScoreRange Range => ScoreRange.Unit;

    /// <inheritdoc/>
    public ScoreDirection Better => ScoreDirection.Higher;

    /// <summary>The dimension that it counts for; null for none.</summary>
    public string? Dimension { get; }

    /// <summary>Where it is written.</summary>
    public SourceLocation Location { get; }

    /// <summary>All types without <c>not-</c>.</summary>
    public static IReadOnlyList<string> Types => CheckTypes.Names;

    /// <summary>Whether a name is one of the types, with or without <c>not-</c>.</summary>
    public static bool IsType(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return CheckTypes.Find(name.StartsWith(CheckTypes.Not, StringComparison.Ordinal) ? name[CheckTypes.Not.Length..] : name) is not null;
    }

    /// <summary>Reads one <c>expect</c> object.</summary>
    /// <param name="json">The object.</param>
    /// <param name="folder">The folder that files it names stay inside of: that of the harness.</param>
    /// <exception cref="PruneBuildException">PB1011 to PB1013, PB1070 unusable pattern, PB1071 unknown type, PB1073 unusable JSON schema:
    /// each at line and column of the token.</exception>
    public static Expectation Parse(JsonSection json, string folder)
    {
        ArgumentNullException.ThrowIfNull(json);
        var type = json.Text("type");
        var isNegated = type.StartsWith(CheckTypes.Not, StringComparison.Ordinal);
        var plain = isNegated ? type[CheckTypes.Not.Length..] : type;
        if (CheckTypes.Find(plain) is not { } found)
            throw json.LocationOf("type").Error("PB1071", type, string.Join(", ", CheckTypes.Names) + ", each also with not- before it");
        var check = found.Parse(new CheckSource(json, folder, found.IgnoreCase));
        if (json.Has("path") && check.Path == PathUse.None) throw json.Invalid("path", $"'{plain}' does not look at a part of the output");
        var path = json.Has("path") && check.Path == PathUse.ChoosesPart ? JsonPath.Parse(json) : null;
        var dimension = json.OptionalText("dim");
        if (dimension is not null && !SliceName.IsValid(dimension)) throw json.Invalid("dim", StandardDimensions.Expected);
        return new Expectation(type, dimension, json.Location, check, isNegated, path);
    }

    /// <summary>1 when the check holds (does not, with <c>not-</c>), 0 when it does not; a part for <c>similarity</c> without a threshold.</summary>
    public Score Measure(Generation input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var output = new CheckedOutput(input, input.Output, null);
        if (_path is not null)
        {
            if (_path.Find(input.Output) is not { } part) return Score.Of(false);
            output = new CheckedOutput(input, StrictJson.Text(part), part);
        }
        var score = _check.Measure(output);
        return _isNegated && score.Value is { } value ? Score.Of(1 - value) : score;
    }
}
