using System.Globalization;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Reads the <c>calibration</c> section of a recipe.</summary>
internal static class CalibrationDataReader
{
    private const int DefaultSamples = 1024;
    private const int LongestWindow = 1 << 20;

    /// <exception cref="Diagnostics.PruneBuildException">PB1011 to PB1013, PB1030 at the token at fault.</exception>
    public static CalibrationData Read(JsonSection recipe, string file)
    {
        var json = recipe.Section("calibration");
        return json.Has("tokens") ? Tokens(json, file) : Tensors(json, file);
    }

    private static TensorCalibration Tensors(JsonSection json, string file)
    {
        json.AllowOnly("tensors", "input", "samples");
        var (path, at) = File(json, "tensors", file);
        var input = json.SectionJson("input");
        return new TensorCalibration(path, input.ToString(Newtonsoft.Json.Formatting.None), at, Samples(json), InputSpec.Parse(input, file));
    }

    private static TokenCalibration Tokens(JsonSection json, string file)
    {
        json.AllowOnly("tokens", "elementType", "length", "samples");
        var (path, at) = File(json, "tokens", file);
        var width = json.OneOf("elementType", ("uint16", TokenWidth.TwoBytes), ("int32", TokenWidth.FourBytes));
        var length = json.WholeNumber("length", 2, LongestWindow);
        return new TokenCalibration(path, string.Create(CultureInfo.InvariantCulture, $"tokens {width} {length}"), at, Samples(json), width, length);
    }

    private static (string Path, SourceLocation At) File(JsonSection json, string key, string recipe)
    {
        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(recipe)!, json.Text(key)));
        return System.IO.File.Exists(path) ? (path, json.LocationOf(key)) : throw json.LocationOf(key).Error("PB1030", path);
    }

    private static int Samples(JsonSection json) => json.WholeNumber("samples", 1, int.MaxValue, DefaultSamples);
}
