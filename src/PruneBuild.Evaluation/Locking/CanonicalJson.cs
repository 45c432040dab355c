using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace PruneBuild.Evaluation;

/// <summary>One text for equal JSON, whatever its white space and order of keys: the idea of RFC 8785.</summary>
internal static class CanonicalJson
{
    /// <summary>SHA-256 of the text in UTF-8, lower-case hexadecimal.</summary>
    public static string Hash(JToken token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text(token))));

    /// <summary>The same of an object's public properties.</summary>
    public static string HashOf(object value) => Hash(JToken.FromObject(value));

    private static string Text(JToken token) => token switch
    {
        JObject value => $"{{{string.Join(',', value.Properties().OrderBy(property => property.Name, StringComparer.Ordinal)
            .Select(property => $"{JsonConvert.ToString(property.Name)}:{Text(property.Value)}"))}}}",
        JArray list => $"[{string.Join(',', list.Select(Text))}]",
        JValue { Value: double number } => number.ToString("R", CultureInfo.InvariantCulture),
        _ => token.ToString(Formatting.None),
    };
}
