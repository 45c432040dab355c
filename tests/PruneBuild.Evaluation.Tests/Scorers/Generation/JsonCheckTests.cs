namespace PruneBuild.Evaluation.Tests.Scorers.Generation;

public class JsonCheckTests
{
    [Theory]
    [InlineData("""{"a":[1,2.5e3,null,"x"]}""", 1)]
    [InlineData("5", 1)]
    [InlineData("""{"a":1,}""", 0)]
    [InlineData("{'a':1}", 0)]
    [InlineData("{a:1}", 0)]
    [InlineData("""{"a":1} // done""", 0)]
    [InlineData("""{"a":1}{"a":1}""", 0)]
    [InlineData("""{"a":1,"a":2}""", 0)]
    [InlineData("""{"a":NaN}""", 0)]
    [InlineData("```json\n{}\n```", 0)]
    [InlineData("", 0)]
    public void Json_is_held_to_its_standard(string output, double expected) => Assert.Equal(expected, Checks.Score("""{"type":"json"}""", output));

    [Fact]
    public void A_nest_that_could_overflow_a_stack_is_no_JSON() =>
        Assert.Equal(0, Checks.Score("""{"type":"json"}""", new string('[', 100_000) + new string(']', 100_000)));

    [Theory]
    [InlineData("""{"type":"equals","path":"$.label","value":"refund"}""", """{"label":"refund"}""", 1)]
    [InlineData("""{"type":"equals","path":"$.n","value":5}""", """{"n":5}""", 1)]
    [InlineData("""{"type":"equals","path":"$.n","value":5}""", """{"n":"5"}""", 0)]
    [InlineData("""{"type":"equals","path":"$.n","value":"5"}""", """{"n":5}""", 0)]
    [InlineData("""{"type":"contains","path":"$.items[1].name","value":"b"}""", """{"items":[{"name":"a"},{"name":"abc"}]}""", 1)]
    [InlineData("""{"type":"json-path","path":"$.items[?(@.id == 2)]"}""", """{"items":[{"id":1},{"id":2}]}""", 1)]
    [InlineData("""{"type":"json-path","path":"$.items[?(@.id == 3)]"}""", """{"items":[{"id":1},{"id":2}]}""", 0)]
    [InlineData("""{"type":"json-path","path":"$.a","value":null}""", """{"a":null}""", 1)]
    [InlineData("""{"type":"json-path","path":"$.a"}""", "not json", 0)]
    public void A_path_chooses_a_part(string check, string output, double expected) => Assert.Equal(expected, Checks.Score(check, output));

    [Theory]
    [InlineData("no json")]
    [InlineData("""{"other":1}""")]
    public void Where_there_is_no_part_even_a_negated_check_fails(string output)
    {
        foreach (var type in new[] { "contains", "not-contains" })
        {
            var check = Checks.Parse($$"""{"type":"{{type}}","path":"$.label","value":"x"}""");
            Assert.Equal(0, check.Measure(new Evaluation.Scorers.Generation("case-1", output)).Value);
        }
    }

    private const string Intent = """
        {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","required":["label"],"additionalProperties":false,
         "properties":{"label":{"$ref":"#/$defs/label"},"amount":{"type":"number","minimum":0,"exclusiveMaximum":100},
         "code":{"type":"string","pattern":"^[A-Z]{2}$"},"version":{"const":2},"tags":{"type":"array","items":{"type":"string"},"maxItems":2,"uniqueItems":true}},
         "$defs":{"label":{"enum":["refund","cancel"]}}}
        """;

    [Theory]
    [InlineData("""{"label":"refund"}""", 1)]
    [InlineData("""{"label":"refund","amount":99.5,"code":"AB","version":2,"tags":["x","y"]}""", 1)]
    [InlineData("{}", 0)]
    [InlineData("""{"label":"other"}""", 0)]
    [InlineData("""{"label":"refund","more":1}""", 0)]
    [InlineData("""{"label":"refund","amount":100}""", 0)]
    [InlineData("""{"label":"refund","amount":"5"}""", 0)]
    [InlineData("""{"label":"refund","code":"ABC"}""", 0)]
    [InlineData("""{"label":"refund","version":"2"}""", 0)]
    [InlineData("""{"label":"refund","tags":["x","x"]}""", 0)]
    [InlineData("""{"label":"refund","tags":["x","y","z"]}""", 0)]
    [InlineData("[]", 0)]
    [InlineData("refund", 0)]
    public void Json_is_held_to_a_schema(string output, double expected) =>
        Assert.Equal(expected, Checks.Score($$"""{"type":"json-schema","schema":{{Intent.ReplaceLineEndings("")}}}""", output));

    [Theory]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"integer"}]}""", "5", 1)]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"integer"}]}""", "true", 0)]
    [InlineData("""{"oneOf":[{"type":"number"},{"type":"integer"}]}""", "5", 0)]
    [InlineData("""{"allOf":[{"minLength":2}],"pattern":"a","type":"string"}""", "\"ab\"", 1)]
    [InlineData("""{"allOf":[{"minLength":2}],"pattern":"a","type":"string"}""", "\"a\"", 0)]
    [InlineData("""{"allOf":[{"minLength":2}],"pattern":"a","type":"string"}""", "\"bc\"", 0)]
    [InlineData("""{"not":{"type":"string"}}""", "5", 1)]
    [InlineData("""{"type":["string","null"]}""", "null", 1)]
    [InlineData("""{"enum":["a",null]}""", "null", 1)]
    [InlineData("""{"enum":["a",1]}""", "true", 0)]
    [InlineData("""{"const":true}""", "true", 1)]
    [InlineData("""{"const":true}""", "\"True\"", 0)]
    [InlineData("""{"properties":{"a":{"type":"string"}}}""", """{"a":null}""", 0)]
    [InlineData("""{"properties":{"child":{"$ref":"#"},"n":{"type":"integer"}}}""", """{"child":{"child":{"n":1}}}""", 1)]
    [InlineData("""{"properties":{"child":{"$ref":"#"},"n":{"type":"integer"}}}""", """{"child":{"child":{"n":"x"}}}""", 0)]
    [InlineData("""{"items":[{"type":"string"},{"type":"integer"}],"additionalItems":false}""", """["x",1]""", 1)]
    [InlineData("""{"pattern":"a","allOf":[{"minLength":3}],"properties":{"n":{"$ref":"#/allOf/0"}}}""", """{"n":"xx"}""", 0)]
    [InlineData("""{"pattern":"a","allOf":[{"minLength":3}],"properties":{"n":{"$ref":"#/allOf/0"}}}""", """{"n":"xxx"}""", 1)]
    [InlineData("""{"properties":{"n":{"$ref":"#/properties/m/$defs/k"},"m":{"$defs":{"k":{"type":"integer"}}}}}""", """{"n":"x"}""", 0)]
    [InlineData("""{"items":[{"type":"string"},{"type":"integer"}],"additionalItems":false}""", """["x",1,2]""", 0)]
    [InlineData("""{"type":"string","format":"date"}""", "\"2026-02-30\"", 0)]
    [InlineData("""{"type":"string","format":"date"}""", "\"2026-02-28\"", 1)]
    public void Keywords_of_a_schema_are_checked(string schema, string output, double expected) =>
        Assert.Equal(expected, Checks.Score($$"""{"type":"json-schema","schema":{{schema}}}""", output));

    [Fact]
    public void A_schema_stands_in_a_file_of_the_harness_folder()
    {
        using var folder = new TemporaryFolder();
        folder.Write("schemas/intent.json", Intent);
        var check = Checks.Parse("""{"type":"json-schema","schema":"schemas/intent.json"}""", folder.Path);
        Assert.Equal(1, check.Measure(new Evaluation.Scorers.Generation("case-1", """{"label":"cancel"}""")).Value);
    }

    [Theory]
    [InlineData("""{"type":"tool-calls","calls":[{"name":"get","arguments":{"id":7}}]}""", 1)]
    [InlineData("""{"type":"tool-calls","calls":[{"name":"get"}]}""", 1)]
    [InlineData("""{"type":"tool-calls","calls":[{"name":"get","arguments":{}}]}""", 0)]
    [InlineData("""{"type":"tool-calls","calls":[{"name":"get","arguments":{}}],"extraArguments":true}""", 1)]
    [InlineData("""{"type":"tool-calls","calls":[{"name":"get","arguments":{"id":8}}]}""", 0)]
    [InlineData("""{"type":"tool-calls","calls":[{"name":"put"}]}""", 0)]
    [InlineData("""{"type":"tool-calls","calls":[{"name":"get"},{"name":"get"}]}""", 0)]
    [InlineData("""{"type":"tool-calls","calls":[]}""", 0)]
    public void Tools_are_called_with_their_arguments(string check, double expected) =>
        Assert.Equal(expected, Checks.Score(check, "", ("get", """{"id":7.0}""")));

    [Fact]
    public void No_tool_at_all_can_be_expected() => Assert.Equal(1, Checks.Score("""{"type":"tool-calls","calls":[]}""", "text"));
}
