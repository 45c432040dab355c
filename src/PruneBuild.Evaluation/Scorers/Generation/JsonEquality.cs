using Newtonsoft.Json.Linq;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>Whether two JSON values say the same: the order of keys does not count, and 1 is 1.0.</summary>
internal static class JsonEquality
{
    public static bool AreEqual(JToken first, JToken second) => (first, second) switch
    {
        (JObject x, JObject y) => x.Count == y.Count && x.Properties().All(property => y.TryGetValue(property.Name, out var value) && AreEqual(property.Value, value)),
        (JArray x, JArray y) => x.Count == y.Count && x.Zip(y).All(pair => AreEqual(pair.First, pair.Second)),
        (JValue x, JValue y) when IsNumber(x) && IsNumber(y) => JToken.DeepEquals(x, y) || (double)x == (double)y,
        _ => JToken.DeepEquals(first, second),
    };

    private static bool IsNumber(JValue value) => value.Type is JTokenType.Integer or JTokenType.Float;
}
