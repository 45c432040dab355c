using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// A JSON schema whose every keyword is checked: one that NJsonSchema would pass over in silence is an error, and so is a reference
/// to another document, which it would fetch. Patterns are matched without backtracking.
/// </summary>
internal sealed class CheckedSchema
{
    private static readonly string[] Annotations =
        ["$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"];

    private static readonly string[] Copied =
    [
        "type", "required", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    ];

    private static readonly string[] Formats = ["date-time", "date", "time", "email", "hostname", "ipv4", "ipv6", "uri", "uuid"];

    private readonly JsonSchemaValidatorSettings _settings = new();
    private readonly JsonSchema _schema;
    private readonly string _file;
    private readonly SchemaReferences _references;
    private int _patterns;

    private CheckedSchema(JObject schema, string file)
    {
        _file = file;
        _references = new SchemaReferences(schema);
        var translated = Translate(schema).ToString(Formatting.None);
        try
        {
            _schema = JsonSchema.FromJsonAsync(translated).GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw LocatedJson.Locate(schema, file).Error("PB1073", "$ref", exception.Message.ReplaceLineEndings(" ").TrimEnd('.'));
        }
    }

    /// <summary>Reads a schema.</summary>
    /// <param name="schema">The schema, with the places of its tokens.</param>
    /// <param name="file">The file that it stands in.</param>
    /// <exception cref="PruneBuildException">PB1070 at a pattern, PB1073 at a keyword.</exception>
    public static CheckedSchema Parse(JObject schema, string file) => new(schema, file);

    /// <summary>Whether the schema allows the value.</summary>
    public bool Allows(JToken value) => _schema.Validate(value, _settings).Count == 0;

    private JToken Translate(JToken schema)
    {
        if (schema is not JObject json) throw Unsupported(schema, schema.ToString(Formatting.None), "a schema is an object here");
        var result = new JObject();
        // Patterns come after what allOf has already, since references count its entries.
        JArray all = [], patterns = [];
        foreach (var property in json.Properties())
        {
            var (key, value) = (property.Name, property.Value);
            switch (key)
            {
                case "$ref":
                    result[key] = Reference(property, json);
                    break;
                case "pattern":
                    patterns.Add(new JObject { ["format"] = Pattern(value) });
                    break;
                case "format":
                    result[key] = value.Type == JTokenType.String && Formats.Contains((string)value!) ? value : throw Unsupported(property, key, $"known: {string.Join(", ", Formats)}");
                    break;
                case "const":
                    SetValues(result, property, [value]);
                    break;
                case "enum" when value is JArray values:
                    SetValues(result, property, values);
                    break;
                case "properties" or "definitions" or "$defs" when value is JObject map:
                    result[key == "$defs" ? "definitions" : key] = new JObject(map.Properties().Select(entry => new JProperty(entry.Name, Translate(entry.Value))));
                    break;
                case "allOf" when value is JArray list:
                    foreach (var item in list) all.Add(Translate(item));
                    break;
                case "anyOf" or "oneOf" when value is JArray list:
                    result[key] = new JArray(list.Select(Translate));
                    break;
                case "items" when value is JArray tuple:
                    result[key] = new JArray(tuple.Select(Translate));
                    break;
                case "additionalProperties" or "additionalItems" when value.Type == JTokenType.Boolean:
                    result[key] = value;
                    break;
                case "not" or "items" or "additionalProperties" or "additionalItems":
                    result[key] = Translate(value);
                    break;
                case "maxItems" or "maxProperties" when value is JValue { Value: 0L }:
                    throw Unsupported(property, key, "0 is not checked");
                default:
                    if (Copied.Contains(key)) result[key] = value;
                    else if (!Annotations.Contains(key)) throw Unsupported(property, key, "it is not checked");
                    break;
            }
        }
        foreach (var pattern in patterns) all.Add(pattern);
        if (all.Count > 0) result["allOf"] = all;
        return result;
    }

    private string Reference(JProperty property, JObject schema)
    {
        var reference = property.Value.Type == JTokenType.String ? (string)property.Value! : "";
        if (!reference.StartsWith('#')) throw Unsupported(property, "$ref", "only references inside the schema are followed");
        if (_references.Find(reference) is null) throw Unsupported(property, "$ref", $"the schema has no '{reference}'");
        if (_references.IsCircular(schema)) throw Unsupported(property, "$ref", "it leads back to itself");
        if (schema.Properties().Any(other => other != property && !Annotations.Contains(other.Name) && other.Name is not ("definitions" or "$defs")))
            throw Unsupported(property, "$ref", "what stands beside it is not checked; put both into allOf");
        return reference.Replace("/$defs/", "/definitions/", StringComparison.Ordinal);
    }

    private string Pattern(JToken value)
    {
        var location = LocatedJson.Locate(value, _file);
        if (value.Type != JTokenType.String) throw location.Error("PB1073", "pattern", "a string is expected");
        var format = "pattern" + (_patterns++).ToString(CultureInfo.InvariantCulture);
        _settings.AddCustomFormatValidator(new PatternFormat(format, SafePattern.Parse((string)value!, false, location)));
        return format;
    }

    // NJsonSchema compares values as texts, so "1" would pass for 1 if no type kept them apart.
    private void SetValues(JObject result, JProperty property, IEnumerable<JToken> values)
    {
        var all = values.ToArray();
        var types = all.Select(value => TypeOf(value) ?? throw Unsupported(property, property.Name, "only strings, numbers, truth values and null are compared"));
        result["enum"] = new JArray(all);
        if (((JObject)property.Parent!)["type"] is null) result["type"] = new JArray(types.Distinct());
    }

    private static string? TypeOf(JToken value) => value.Type switch
    {
        JTokenType.String => "string",
        JTokenType.Integer => "integer",
        JTokenType.Float => "number",
        JTokenType.Boolean => "boolean",
        JTokenType.Null => "null",
        _ => null,
    };

    private PruneBuildException Unsupported(JToken token, string key, string reason) => LocatedJson.Locate(token, _file).Error("PB1073", key, reason);
}
