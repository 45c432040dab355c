using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PruneBuild.Pipeline;

/// <summary>Content key of a stage: a hash over everything its result depends on.</summary>
public sealed class StageKey
{
    private readonly StringBuilder text = new();

    /// <param name="stage">Stage name; part of the key.</param>
    public StageKey(string stage) => Add("stage", stage);

    /// <summary>Adds one named part. Lengths are part of the key, so no two lists of parts read the same.</summary>
    public StageKey Add(string name, string? value)
    {
        text.Append(name.Length).Append(':').Append(name).Append('=')
            .Append(value?.Length ?? -1).Append(':').Append(value).Append('\n');
        return this;
    }

    /// <summary>Adds the options of one section of the recipe.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="prefix">Of the options' names, for example <c>prune.</c>.</param>
    public StageKey AddOptions(Recipe recipe, string prefix)
    {
        foreach (var (name, value) in recipe.Describe().Where(option => option.Key.StartsWith(prefix, StringComparison.Ordinal)))
            Add(name, value);
        return this;
    }

    /// <summary>Adds what calibration data contributes.</summary>
    public StageKey AddData(WorkContext context, CalibrationData calibration) => Add("calibration", context.Files.Of(calibration.File, "calibration").Sha256)
        .Add("input", calibration.Description)
        .Add("samples", calibration.Samples.ToString(CultureInfo.InvariantCulture));

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..32];
}
