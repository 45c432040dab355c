using System.Text.Json;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// JSON that a model wrote, held to RFC 8259: no comments, single quotes, trailing commas, repeated keys or text around it, at most
/// 64 levels deep. Newtonsoft alone would forgive most of these, and an app's parser may not.
/// </summary>
internal static class StrictJson
{
    private const int MaxDepth = 64;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>The value; null when the text is not JSON.</summary>
    public static JToken? Parse(string text)
    {
        try
        {
            using (JsonDocument.Parse(text, Strict))
            {
            }
            using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None, MaxDepth = MaxDepth };
            return JToken.ReadFrom(reader);
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or Newtonsoft.Json.JsonException or ArgumentException)
        {
            // An ArgumentException is a lone surrogate, which is no text either.
            return null;
        }
    }

    /// <summary>A value as text: a string as it is, anything else as JSON.</summary>
    public static string Text(JToken value) => value.Type == JTokenType.String ? (string)value! : value.ToString(Formatting.None);
}
