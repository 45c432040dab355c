using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>A JSONPath as Newtonsoft reads it. Filters with regular expressions (<c>=~</c>) are refused: they may backtrack without end.</summary>
internal sealed class JsonPath
{
    private readonly string _path;

    private JsonPath(string path) => _path = path;

    /// <summary>Reads the key <c>path</c>.</summary>
    /// <exception cref="PruneBuildException">PB1012 at the value, PB1013 when it is missing.</exception>
    public static JsonPath Parse(JsonSection json)
    {
        const string key = "path";
        var path = json.Text(key);
        if (path.Contains("=~", StringComparison.Ordinal)) throw json.Invalid(key, "filters with =~ are not supported");
        try
        {
            _ = new JObject().SelectToken(path);
        }
        catch (JsonException exception)
        {
            throw json.Invalid(key, exception.Message);
        }
        return new JsonPath(path);
    }

    /// <summary>The first value at the path; null when the text is not JSON or has nothing there.</summary>
    public JToken? Find(string text) => StrictJson.Parse(text) is { } value ? Find(value) : null;

    /// <summary>The first value at the path; null when there is none.</summary>
    public JToken? Find(JToken value)
    {
        try
        {
            return value.SelectTokens(_path).FirstOrDefault();
        }
        catch (JsonException)
        {
            // A filter that compares what cannot be compared.
            return null;
        }
    }
}
