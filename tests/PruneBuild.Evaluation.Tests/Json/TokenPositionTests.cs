using Newtonsoft.Json.Linq;

namespace PruneBuild.Evaluation.Tests.Json;

public class TokenPositionTests
{
    [Theory]
    [InlineData("{ \"a\": 12345 }", "a", 1, 8)]
    [InlineData("{ \"a\": \"text\" }", "a", 1, 8)]
    [InlineData("{ \"a\": \"with \\\"quotes\\\" \\\\\" }", "a", 1, 8)]
    [InlineData("{ \"a\": \"\" }", "a", 1, 8)]
    [InlineData("{ \"a\":true}", "a", 1, 7)]
    [InlineData("{ \"a\": -1.5e3\n}", "a", 1, 8)]
    [InlineData("{\n  \"b\": 1,\n  \"a\":\n    [1, 2]\n}", "a", 4, 5)]
    [InlineData("{\r\n  \"b\": 1,\r\n  \"a\": { } }", "a", 3, 8)]
    [InlineData("{ /* note */ \"a\": null }", "a", 1, 19)]
    public void A_value_is_located_at_its_first_character(string text, string key, int line, int column)
    {
        var json = LocatedJson.Parse(text, "x.json");
        Assert.Equal(new SourceLocation("x.json", line, column), LocatedJson.Locate(json[key]!, "x.json"));
    }

    [Theory]
    [InlineData("{ \"key\": 1 }", 1, 3)]
    [InlineData("{\n\t\"key\"  : 1 }", 2, 2)]
    public void A_key_is_located_at_its_first_character(string text, int line, int column)
    {
        var json = LocatedJson.Parse(text, "x.json");
        Assert.Equal(new SourceLocation("x.json", line, column), LocatedJson.Locate(json.Properties().Single(), "x.json"));
    }

    [Fact]
    public void Items_of_a_list_have_their_own_places()
    {
        var items = (JArray)LocatedJson.Parse("{ \"a\": [1, \"two\",\n 3.5] }", "x.json")["a"]!;
        Assert.Equal([(1, 9), (1, 12), (2, 2)], items.Select(item => LocatedJson.Locate(item, "")).Select(at => (at.Line, at.Column)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{ \"a\": 1 } trailing")]
    [InlineData("{ \"a\": 1, \"a\": 2 }")]
    [InlineData("{ \"a\": ")]
    [InlineData("{ a b }")]
    public void Text_that_is_not_one_object_is_malformed(string text)
    {
        var diagnostic = HarnessFiles.Fails("PB1010", () => LocatedJson.Parse(text, "x.json"));
        Assert.Equal("x.json", diagnostic.File);
        Assert.True(diagnostic.Line >= 1 && diagnostic.Column >= 1);
    }

    [Fact]
    public void A_syntax_error_is_located_where_reading_stops()
    {
        var diagnostic = HarnessFiles.Fails("PB1010", () => LocatedJson.Parse("{\n  \"a\": 1\n  \"b\": 2\n}", "x.json"));
        Assert.Equal(3, diagnostic.Line);
    }
}
