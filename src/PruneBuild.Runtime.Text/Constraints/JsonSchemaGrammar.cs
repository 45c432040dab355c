using System.Globalization;
using System.Text.Json;
using static PruneBuild.Runtime.Text.GrammarPart;

namespace PruneBuild.Runtime.Text;

/// <summary>
/// Makes a grammar of a JSON Schema: of texts that are valid by it, though not of all. Members come in the order of <c>properties</c>, and
/// others than those only where there is no <c>properties</c>. What a keyword demands and a grammar cannot is refused.
/// </summary>
internal sealed class JsonSchemaGrammar
{
    private static readonly HashSet<string> Annotations = new(StringComparer.Ordinal)
    {
        "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
    };

    private static readonly string[] ObjectKeywords = ["properties", "required", "additionalProperties"];
    private static readonly string[] ArrayKeywords = ["items", "minItems", "maxItems"];
    private static readonly string[] StringKeywords = ["minLength", "maxLength", "format"];
    private static readonly HashSet<string> Keywords = new(["type", .. ObjectKeywords, .. ArrayKeywords, .. StringKeywords, "enum", "const", "anyOf", "$ref"], StringComparer.Ordinal);
    private static readonly string[] Types = ["object", "array", "string", "number", "integer", "boolean", "null"];

    private const int MostSchemas = 1 << 14;

    /// <summary>Of schemas in schemas and behind references: they are followed by recursion.</summary>
    private const int MostDepth = 256;

    private readonly JsonElement root;
    private readonly Dictionary<string, DeferredPart> referenced = new(StringComparer.Ordinal);
    private int schemas;
    private int depth;

    private JsonSchemaGrammar(JsonElement root) => this.root = root;

    /// <summary>The texts of a schema.</summary>
    /// <exception cref="EdgeModelException">PB6115: a keyword is not supported, or no value is valid; its JSON pointer says where.</exception>
    public static GrammarPart Of(JsonElement schema)
    {
        try
        {
            var part = new JsonSchemaGrammar(schema).Compile(schema, "#");
            return new Grammar(part).HasTexts ? part : throw Invalid("#", "no value is valid");
        }
        catch (InvalidOperationException)
        {
            // What reading a string that JSON can escape and Unicode has not ends in.
            throw Invalid("#", "it has half a surrogate pair");
        }
    }

    private GrammarPart Compile(JsonElement schema, string place)
    {
        if (++schemas > MostSchemas)
            throw Invalid(place, $"there are more than {MostSchemas} schemas in it");
        if (++depth > MostDepth)
            throw Invalid(place, $"it is more than {MostDepth} schemas deep, references among them");
        var part = PartOf(schema, place);
        depth--;
        return part;
    }

    private GrammarPart PartOf(JsonElement schema, string place)
    {
        if (schema.ValueKind == JsonValueKind.True)
            return JsonGrammar.Value;
        if (schema.ValueKind == JsonValueKind.False)
            return Choice([]);
        if (schema.ValueKind != JsonValueKind.Object)
            throw Invalid(place, "an object, true or false is expected");
        foreach (var keyword in schema.EnumerateObject())
            if (!Keywords.Contains(keyword.Name) && !Annotations.Contains(keyword.Name))
                throw Invalid(Within(place, keyword.Name), $"'{keyword.Name}' is not supported");
        if (schema.TryGetProperty("$ref", out var reference))
            return Alone(schema, place, "$ref", () => Referenced(reference, Within(place, "$ref")));
        if (schema.TryGetProperty("anyOf", out var options))
            return Alone(schema, place, "anyOf", () => Choice([.. Items(options, Within(place, "anyOf")).Select((option, index) => Compile(option, Within(Within(place, "anyOf"), $"{index}")))]));
        var types = TypesOf(schema, place);
        if (schema.TryGetProperty("const", out var only))
            return Values(schema, place, "const", [only], types);
        if (schema.TryGetProperty("enum", out var values))
            return Values(schema, place, "enum", Items(values, Within(place, "enum")), types);
        return Choice([.. types.Select(type => OfType(type, schema, place))]);
    }

    private GrammarPart OfType(string type, JsonElement schema, string place) => type switch
    {
        "object" => ObjectOf(schema, place),
        "array" => JsonGrammar.List(
            schema.TryGetProperty("items", out var items) ? Compile(items, Within(place, "items")) : JsonGrammar.Value, Number(schema, place, "minItems") ?? 0, Number(schema, place, "maxItems")),
        "string" => schema.TryGetProperty("format", out var format) ? Format(format, schema, place)
            : JsonGrammar.String(Number(schema, place, "minLength") ?? 0, Number(schema, place, "maxLength")),
        "number" => JsonGrammar.Number,
        "integer" => JsonGrammar.Integer,
        "boolean" => JsonGrammar.Boolean,
        _ => JsonGrammar.Null,
    };

    private static GrammarPart Format(JsonElement format, JsonElement schema, string place)
    {
        foreach (var length in StringKeywords.Where(keyword => keyword != "format" && schema.TryGetProperty(keyword, out _)))
            throw Invalid(Within(place, length), $"'{length}' beside 'format' is not supported");
        return JsonFormatGrammar.Of(format.ValueKind == JsonValueKind.String ? format.GetString() : null)
            ?? throw Invalid(Within(place, "format"), $"{format.GetRawText()} is not supported; {string.Join(", ", JsonFormatGrammar.Names)} are");
    }

    private GrammarPart ObjectOf(JsonElement schema, string place)
    {
        JsonElement? others = schema.TryGetProperty("additionalProperties", out var additional) ? additional : null;
        var names = schema.TryGetProperty("required", out var list)
            ? Items(list, Within(place, "required")).Select(name => name.ValueKind == JsonValueKind.String ? name.GetString()! : throw Invalid(Within(place, "required"), "strings are expected")).Distinct().ToList() : [];
        var missing = names.ToHashSet(StringComparer.Ordinal);
        var members = new List<(string Name, GrammarPart Value, bool IsRequired)>();
        if (schema.TryGetProperty("properties", out var properties))
        {
            if (properties.ValueKind != JsonValueKind.Object)
                throw Invalid(Within(place, "properties"), "an object is expected");
            foreach (var property in properties.EnumerateObject())
                members.Add((property.Name, Compile(property.Value, Within(Within(place, "properties"), property.Name)), missing.Remove(property.Name)));
        }
        // One part serves all of them.
        var other = new Lazy<GrammarPart>(() => others is { } value ? Compile(value, Within(place, "additionalProperties")) : JsonGrammar.Value);
        members.AddRange(names.Where(missing.Contains).Select(name => (name, other.Value, true)));
        // An object of which no members are said but that they are all there are, as tools without parameters have it.
        var isEmpty = others is null ? properties.ValueKind == JsonValueKind.Object : others.Value.ValueKind == JsonValueKind.False;
        return members.Count > 0 || isEmpty ? JsonGrammar.Object(members) : JsonGrammar.Map(other.Value);
    }

    /// <summary>Values that are listed, as far as the other keywords let them.</summary>
    private static GrammarPart Values(JsonElement schema, string place, string keyword, IEnumerable<JsonElement> values, IReadOnlyList<string> types)
    {
        foreach (var other in schema.EnumerateObject())
            if (other.Name != keyword && other.Name is not ("type" or "minLength" or "maxLength") && !Annotations.Contains(other.Name))
                throw Invalid(Within(place, other.Name), $"'{other.Name}' beside '{keyword}' is not supported");
        var (least, most) = (Number(schema, place, "minLength") ?? 0, Number(schema, place, "maxLength") ?? int.MaxValue);
        return Choice([.. values.Where(value => types.Any(type => IsOf(value, type)))
            .Where(value => value.ValueKind != JsonValueKind.String || (value.GetString()!.EnumerateRunes().Count() is var length && length >= least && length <= most))
            .Select(JsonGrammar.Literal)]);
    }

    private static bool IsOf(JsonElement value, string type) => value.ValueKind switch
    {
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        JsonValueKind.Number => type == "number" || (type == "integer" && value.TryGetDecimal(out var number) && decimal.IsInteger(number)),
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        _ => type == "null",
    };

    private static List<string> TypesOf(JsonElement schema, string place)
    {
        if (!schema.TryGetProperty("type", out var type))
            // Keywords of one type say nothing of the others, but mean it.
            return schema.TryGetProperty("enum", out _) || schema.TryGetProperty("const", out _) ? [.. Types]
                : Has(schema, ObjectKeywords) ? ["object"] : Has(schema, ArrayKeywords) ? ["array"] : Has(schema, StringKeywords) ? ["string"]
                : [.. Types.Where(name => name != "integer")];
        var names = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToList() : [type];
        return [.. names.Select(name => name.ValueKind == JsonValueKind.String && Types.Contains(name.GetString()) ? name.GetString()!
            : throw Invalid(Within(place, "type"), $"{name.GetRawText()} is no type; {string.Join(", ", Types)} are")).Distinct()];
    }

    /// <summary>A schema elsewhere in the document; it may contain itself.</summary>
    private DeferredPart Referenced(JsonElement reference, string place)
    {
        if (reference.ValueKind != JsonValueKind.String || reference.GetString() is not { } pointer || (pointer != "#" && !pointer.StartsWith("#/", StringComparison.Ordinal)))
            throw Invalid(place, $"{reference.GetRawText()} is not supported; a pointer into the schema such as #/$defs/name is expected");
        if (referenced.TryGetValue(pointer, out var known))
            return known;
        var target = root;
        foreach (var part in pointer.Split('/').Skip(1).Select(part => Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
            target = target.ValueKind == JsonValueKind.Object && target.TryGetProperty(part, out var member) ? member
                : target.ValueKind == JsonValueKind.Array && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < target.GetArrayLength() ? target[index]
                : throw Invalid(place, $"there is nothing at '{pointer}'");
        var deferred = referenced[pointer] = new DeferredPart();
        deferred.Is(Compile(target, pointer));
        return deferred;
    }

    private static GrammarPart Alone(JsonElement schema, string place, string keyword, Func<GrammarPart> make)
    {
        foreach (var other in schema.EnumerateObject())
            if (other.Name != keyword && !Annotations.Contains(other.Name))
                throw Invalid(Within(place, other.Name), $"'{other.Name}' beside '{keyword}' is not supported");
        return make();
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement list, string place) =>
        list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : throw Invalid(place, "a list is expected");

    private static int? Number(JsonElement schema, string place, string keyword) => !schema.TryGetProperty(keyword, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0 ? number
        : throw Invalid(Within(place, keyword), $"{value.GetRawText()} is not supported; a whole number from 0 is expected");

    private static bool Has(JsonElement schema, string[] keywords) => keywords.Any(keyword => schema.TryGetProperty(keyword, out _));

    private static string Within(string place, string part) => $"{place}/{part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    private static EdgeModelException Invalid(string place, string reason) => new(EdgeModelException.GenerationInvalid, $"The JSON schema at '{place}': {reason}.");
}
