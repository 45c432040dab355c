namespace PruneBuild.Evaluation.Tests.Scorers.Generation;

public class ExpectationErrorTests
{
    [Theory]
    [InlineData("PB1013", """{"value":"x"}""", "{")]
    [InlineData("PB1071", """{"type":"contain","value":"x"}""", "\"contain\"")]
    [InlineData("PB1071", """{"type":"not-","value":"x"}""", "\"not-\"")]
    [InlineData("PB1071", """{"type":"not-not-contains","value":"x"}""", "\"not-not-contains\"")]
    [InlineData("PB1071", """{"type":"inumeric","value":1}""", "\"inumeric\"")]
    [InlineData("PB1011", """{"type":"contains","values":["x"]}""", "\"values\"")]
    [InlineData("PB1013", """{"type":"contains"}""", "{")]
    [InlineData("PB1012", """{"type":"contains","value":""}""", "\"\"")]
    [InlineData("PB1012", """{"type":"contains-all","values":[]}""", "[]")]
    [InlineData("PB1012", """{"type":"contains-all","values":["x",5]}""", "5")]
    [InlineData("PB1070", """{"type":"regex","pattern":"(a"}""", "\"(a\"")]
    [InlineData("PB1070", """{"type":"regex","pattern":"a(?=b)"}""", "\"a(?=b)\"")]
    [InlineData("PB1070", """{"type":"not-regex","pattern":"(a)\\1"}""", "\"(a)\\\\1\"")]
    [InlineData("PB1012", """{"type":"numeric","value":"5"}""", "\"5\"")]
    [InlineData("PB1012", """{"type":"numeric","value":5,"tolerance":-1}""", "-1")]
    [InlineData("PB1012", """{"type":"numeric","value":5,"extract":"middle"}""", "\"middle\"")]
    [InlineData("PB1013", """{"type":"length","unit":"words"}""", "{")]
    [InlineData("PB1012", """{"type":"length","unit":"pages","max":1}""", "\"pages\"")]
    [InlineData("PB1012", """{"type":"length","unit":"chars","min":5,"max":4}""", "4")]
    [InlineData("PB1012", """{"type":"language","script":"Finnish"}""", "\"Finnish\"")]
    [InlineData("PB1012", """{"type":"similarity","metric":"bleu","references":["x"]}""", "\"bleu\"")]
    [InlineData("PB1012", """{"type":"equals","value":1,"path":"$.["}""", "\"$.[\"")]
    [InlineData("PB1012", """{"type":"equals","value":1,"path":"$[?(@.a =~ /x/)]"}""", "\"$[?(")]
    [InlineData("PB1013", """{"type":"json-path","value":1}""", "{")]
    [InlineData("PB1012", """{"type":"tool-calls","calls":[],"path":"$.a"}""", "\"$.a\"")]
    [InlineData("PB1011", """{"type":"tool-calls","calls":[{"name":"a","args":{}}]}""", "\"args\"")]
    [InlineData("PB1012", """{"type":"tool-calls","calls":[{"name":"a"}],"extraArguments":1}""", "1}")]
    [InlineData("PB1012", """{"type":"refusal","dim":"two words"}""", "\"two words\"")]
    [InlineData("PB1073", """{"type":"json-schema","schema":{"if":{}}}""", "\"if\"")]
    [InlineData("PB1073", """{"type":"json-schema","schema":{"properties":{"a":{"contains":{}}}}}""", "\"contains\"")]
    [InlineData("PB1073", """{"type":"json-schema","schema":{"$ref":"https://example.org/s.json"}}""", "\"$ref\"")]
    [InlineData("PB1073", """{"type":"json-schema","schema":{"$ref":"other.json"}}""", "\"$ref\"")]
    [InlineData("PB1073", """{"type":"json-schema","schema":{"$ref":"#/definitions/none"}}""", "\"$ref\"")]
    [InlineData("PB1073", """{"type":"json-schema","schema":{"allOf":[{"$ref":"#"}]}}""", "\"$ref\"")]
    [InlineData("PB1073", """{"type":"json-schema","schema":{"$ref":"#/$defs/a","$defs":{"a":{"not":{"$ref":"#/$defs/b"}},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}}}}""", "\"$ref\":\"#/$defs/b\"")]
    [InlineData("PB1073", """{"type":"json-schema","schema":{"$ref":5}}""", "\"$ref\"")]
    [InlineData("PB1073", """{"type":"json-schema","schema":{"items":false}}""", "false")]
    [InlineData("PB1073", """{"type":"json-schema","schema":{"maxItems":0}}""", "\"maxItems\"")]
    [InlineData("PB1073", """{"type":"json-schema","schema":{"format":"regex"}}""", "\"format\"")]
    [InlineData("PB1073", """{"type":"json-schema","schema":{"enum":[[1]]}}""", "\"enum\"")]
    [InlineData("PB1070", """{"type":"json-schema","schema":{"pattern":"(?<!a)b"}}""", "\"(?<!a)b\"")]
    [InlineData("PB1012", """{"type":"json-schema","schema":"missing.json"}""", "\"missing.json\"")]
    [InlineData("PB1012", """{"type":"json-schema","schema":"../x.json"}""", "\"../x.json\"")]
    public void A_fault_is_reported_at_its_token(string code, string json, string at)
    {
        var text = "\n  " + json;
        var diagnostic = HarnessFiles.Fails(code, () => Checks.Parse(text));
        Assert.Equal(Checks.File, diagnostic.File);
        Assert.Equal(HarnessFiles.Find(text, at), (diagnostic.Line, diagnostic.Column));
    }

    [Fact]
    public void A_dimension_and_a_place_belong_to_a_check()
    {
        var check = Checks.Parse("""{"type":"not-refusal","dim":"instruction_following"}""");
        Assert.Equal(("not-refusal", "instruction_following"), (check.Name, check.Dimension));
        Assert.Equal(new SourceLocation(Checks.File, 1, 1), check.Location);
    }
}
