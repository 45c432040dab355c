using System.Text.Json;
using System.Text.RegularExpressions;
using NJsonSchema;
using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Constraints;

/// <summary>Against NJsonSchema, which knows nothing of grammars.</summary>
public sealed partial class JsonSchemaConstraintTests
{
    private const string Order = """
        { "type": "object", "additionalProperties": false, "required": ["id", "size"],
          "properties": {
            "note": { "type": ["string", "null"], "maxLength": 12 }, "id": { "type": "integer" }, "size": { "enum": ["S", "M", 3, null] }, "paid": { "type": "boolean" },
            "lines": { "type": "array", "minItems": 1, "maxItems": 3, "items": { "$ref": "#/$defs/line" } } },
          "$defs": { "line": { "type": "object", "properties": { "a": { "type": "number" }, "b": { "type": "string", "enum": ["x", "y\"é"] } }, "required": ["b"], "additionalProperties": false } } }
        """;

    public static TheoryData<string> Schemas =>
    [
        Order,
        """{ "anyOf": [ { "type": "string", "minLength": 2, "maxLength": 4 }, { "type": "object", "additionalProperties": { "type": "integer" } }, { "const": [1, { "a": null }] } ] }""",
        """{ "type": "object", "properties": { "value": { "type": "integer" }, "next": { "$ref": "#" } }, "required": ["value"], "additionalProperties": false }""",
        """{ "type": "array", "items": { "type": "array", "items": { "type": "boolean" }, "maxItems": 2 }, "minItems": 2, "maxItems": 4 }""",
        """{ "type": "object", "required": ["a"] }""",
        """{ "type": "string", "maxLength": 3 }""",
        """{ "type": "number" }""",
        "{}",
    ];

    [Theory]
    [MemberData(nameof(Schemas))]
    public async Task Whatever_is_chosen_is_valid(string schema)
    {
        var oracle = await JsonSchema.FromJsonAsync(schema, TestContext.Current.CancellationToken);
        using var writer = new ConstrainedWriter(ConstrainedWriter.Schema(schema));
        for (var seed = 0; seed < 40; seed++)
        {
            var text = writer.Write(new Random(seed));
            // JSON Schema counts characters, the validator halves of them.
            Assert.True(oracle.Validate(Pair().Replace(text, "x")).Count == 0, text);
        }
    }

    [Theory]
    [InlineData("""{"id":1,"size":"S"}""")]
    [InlineData("""{"note":null,"id":-7,"size":null,"paid":false,"lines":[{"b":"y\"é"},{"a":1.5e3,"b":"x"}]}""")]
    [InlineData("""{ "note": "twelve chars", "id": 0, "size": 3 }""")]
    public void Valid_values_fit(string text)
    {
        using var writer = new ConstrainedWriter(ConstrainedWriter.Schema(Order));
        Assert.True(writer.Accepts(text));
    }

    [Theory]
    [InlineData("""{"id":1}""")]
    [InlineData("""{"id":1,"size":"L"}""")]
    [InlineData("""{"id":1.5,"size":"S"}""")]
    [InlineData("""{"id":1,"size":"S","more":1}""")]
    [InlineData("""{"note":"thirteen char","id":1,"size":"S"}""")]
    [InlineData("""{"id":1,"size":"S","lines":[]}""")]
    [InlineData("""{"id":1,"size":"S","lines":[{"b":"x"},{"b":"x"},{"b":"x"},{"b":"x"}]}""")]
    public void Others_do_not(string text)
    {
        using var writer = new ConstrainedWriter(ConstrainedWriter.Schema(Order));
        Assert.False(writer.Accepts(text));
    }

    [Theory]
    [InlineData("""{ "type": "object", "properties": { "a/b": { "type": "string", "pattern": "x" } } }""", "#/properties/a~1b/pattern", "'pattern'")]
    [InlineData("""{ "$ref": "#/$defs/x", "$defs": { "x": { "allOf": [] } } }""", "#/$defs/x/allOf", "'allOf'")]
    [InlineData("""{ "type": "integer", "minimum": 1 }""", "#/minimum", "'minimum'")]
    [InlineData("""{ "anyOf": [ { "type": "null" } ], "type": "null" }""", "#/type", "beside 'anyOf'")]
    [InlineData("""{ "enum": [1], "items": {} }""", "#/items", "beside 'enum'")]
    [InlineData("""{ "type": "text" }""", "#/type", "no type")]
    [InlineData("""{ "$ref": "https://example.org/x" }""", "#/$ref", "pointer")]
    [InlineData("""{ "$ref": "#/$defs/none" }""", "#/$ref", "nothing at")]
    [InlineData("""{ "maxLength": -1 }""", "#/maxLength", "-1")]
    [InlineData("""{ "type": "string", "enum": [1, 2] }""", "#", "no value")]
    [InlineData("""{ "type": "array", "minItems": 2, "maxItems": 1 }""", "#", "no value")]
    [InlineData("""{ "$ref": "#" }""", "#", "no value")]
    [InlineData("""{ "type": "object", "properties": { "me": { "$ref": "#" } }, "required": ["me"] }""", "#", "no value")]
    [InlineData("""{ "type": "string", "format": "uri" }""", "#/format", "\"uri\"")]
    [InlineData("""{ "type": "string", "format": "date", "maxLength": 3 }""", "#/maxLength", "beside 'format'")]
    [InlineData("""{ "const": "\ud800" }""", "#", "surrogate")]
    [InlineData("3", "#", "an object")]
    public void What_is_not_supported_is_refused_with_its_pointer(string schema, string place, string reason)
    {
        var error = Assert.Throws<EdgeModelException>(() => ConstrainedWriter.Schema(schema));
        Assert.Equal(EdgeModelException.GenerationInvalid, error.Code);
        Assert.Contains($"'{place}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("date", typeof(DateOnly))]
    [InlineData("time", typeof(TimeOnly))]
    [InlineData("date-time", typeof(DateTimeOffset))]
    [InlineData("uuid", typeof(Guid))]
    public void A_format_is_what_its_type_is_read_from(string format, Type type)
    {
        using var writer = new ConstrainedWriter(ConstrainedWriter.Schema($$"""{ "type": "string", "format": "{{format}}" }"""));
        for (var seed = 0; seed < 200; seed++)
            Assert.NotNull(JsonSerializer.Deserialize(writer.Write(new Random(seed)), type));
        Assert.All(new object[] { new DateOnly(2024, 12, 31), new TimeOnly(23, 59, 1, 500), new DateTimeOffset(1999, 2, 28, 1, 2, 3, TimeSpan.FromHours(-11.5)), new Guid(7, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) }.Where(value => value.GetType() == type),
            value => Assert.True(writer.Accepts(JsonSerializer.Serialize(value, Relaxed))));
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void A_branch_that_no_value_fits_is_left_out()
    {
        using var writer = new ConstrainedWriter(ConstrainedWriter.Schema("""{ "type": "object", "properties": { "never": false, "a": { "anyOf": [ false, { "type": "null" } ] } }, "required": ["a"] }"""));
        Assert.True(writer.Accepts("""{"a":null}"""));
        Assert.False(writer.Accepts("{\"n"));
    }

    [Fact]
    public void Names_that_only_required_has_share_their_schema()
    {
        // One of its own for each would be 2^30 schemas.
        var schema = """{ "type": "null" }""";
        for (var level = 0; level < 30; level++)
            schema = $$"""{ "required": ["a", "b"], "additionalProperties": {{schema}} }""";
        using var writer = new ConstrainedWriter(ConstrainedWriter.Schema(schema));
        Assert.False(writer.Accepts("""{"a":null}"""));
        Assert.False(writer.Accepts("""{"b":"""));
    }

    [Fact]
    public void A_schema_that_refers_on_and_on_is_refused()
    {
        var definitions = string.Join(", ", Enumerable.Range(0, 10_000).Select(number => $$"""
            "{{number}}": { "$ref": "#/$defs/{{number + 1}}" }
            """));
        var error = Assert.Throws<EdgeModelException>(() => ConstrainedWriter.Schema($$"""{ "$ref": "#/$defs/0", "$defs": { {{definitions}}, "10000": {} } }"""));
        Assert.Equal(EdgeModelException.GenerationInvalid, error.Code);
        Assert.Contains("256 schemas deep", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_of_very_many_is_refused()
    {
        var error = Assert.Throws<EdgeModelException>(() => ConstrainedWriter.Schema($$"""{ "anyOf": [ {{string.Join(", ", Enumerable.Repeat("{}", 20_000))}} ] }"""));
        Assert.Equal(EdgeModelException.GenerationInvalid, error.Code);
        Assert.Contains("more than 16384 schemas", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_begin_alike_and_contain_themselves_end_when_they_are_too_many()
    {
        using var writer = new ConstrainedWriter(ConstrainedWriter.Schema("""
            { "anyOf": [ { "type": "array", "items": { "$ref": "#" }, "maxItems": 3 }, { "type": "array", "items": { "$ref": "#" }, "maxItems": 4 } ] }
            """));
        Assert.True(writer.Accepts("[[[[]]]]"));
        var error = Assert.Throws<EdgeModelException>(() => writer.Accepts(new string('[', 60)));
        Assert.Equal(EdgeModelException.GenerationInvalid, error.Code);
        Assert.Contains("too many ways", error.Message, StringComparison.Ordinal);
        Assert.True(writer.Accepts("[[[[]]]]"));
    }

    [GeneratedRegex(@"[\uD800-\uDBFF][\uDC00-\uDFFF]|(?<!\\)\\u[dD][89abAB]..\\u[dD][c-fC-F]..")]
    private static partial Regex Pair();
}
