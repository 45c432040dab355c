namespace PruneBuild.Evaluation.Tests.Scorers.Generation;

public class TextCheckTests
{
    [Theory]
    [InlineData("""{"type":"equals","value":"Refund"}""", " Refund\n", 1)]
    [InlineData("""{"type":"equals","value":"Refund"}""", "refund", 0)]
    [InlineData("""{"type":"iequals","value":"Refund"}""", "refund", 1)]
    [InlineData("""{"type":"equals","value":""}""", "", 1)]
    [InlineData("""{"type":"equals","value":5}""", "5.0", 1)]
    [InlineData("""{"type":"equals","value":{"a":1,"b":[true,null]}}""", """{ "b": [true, null], "a": 1 }""", 1)]
    [InlineData("""{"type":"equals","value":{"a":1}}""", """{"a":1,"b":2}""", 0)]
    [InlineData("""{"type":"equals","value":[1,2]}""", "[2,1]", 0)]
    [InlineData("""{"type":"equals","value":5}""", "five", 0)]
    [InlineData("""{"type":"contains","value":"cat"}""", "a cat", 1)]
    [InlineData("""{"type":"contains","value":"cat"}""", "a CAT", 0)]
    [InlineData("""{"type":"icontains","value":"cat"}""", "a CAT", 1)]
    [InlineData("""{"type":"contains","value":"cat"}""", "", 0)]
    [InlineData("""{"type":"contains-all","values":["a","b"]}""", "b a", 1)]
    [InlineData("""{"type":"contains-all","values":["a","b"]}""", "a", 0)]
    [InlineData("""{"type":"icontains-all","values":["A","b"]}""", "aB", 1)]
    [InlineData("""{"type":"contains-any","values":["a","b"]}""", "b", 1)]
    [InlineData("""{"type":"contains-any","values":["a","b"]}""", "c", 0)]
    [InlineData("""{"type":"icontains-any","values":["a","b"]}""", "B", 1)]
    [InlineData("""{"type":"regex","pattern":"^[0-9]{4}$"}""", "2026", 1)]
    [InlineData("""{"type":"regex","pattern":"^[0-9]{4}$"}""", "20267", 0)]
    [InlineData("""{"type":"regex","pattern":"yes"}""", "YES", 0)]
    [InlineData("""{"type":"iregex","pattern":"yes"}""", "YES", 1)]
    [InlineData("""{"type":"length","unit":"words","min":2,"max":3}""", " one  two\nthree ", 1)]
    [InlineData("""{"type":"length","unit":"words","max":3}""", "one two three four", 0)]
    [InlineData("""{"type":"length","unit":"words","min":1}""", " ", 0)]
    [InlineData("""{"type":"length","unit":"chars","min":2,"max":2}""", "a😀", 1)]
    [InlineData("""{"type":"length","unit":"chars","max":0}""", "a", 0)]
    public void A_text_is_looked_at(string check, string output, double expected) => Assert.Equal(expected, Checks.Score(check, output));

    [Theory]
    [InlineData("""{"type":"numeric","value":42}""", " 42 ", 1)]
    [InlineData("""{"type":"numeric","value":42}""", "42.0e0", 1)]
    [InlineData("""{"type":"numeric","value":1234.5}""", "1,234.5", 1)]
    [InlineData("""{"type":"numeric","value":123}""", "1,2,3", 0)]
    [InlineData("""{"type":"numeric","value":42}""", "The answer is 42.", 0)]
    [InlineData("""{"type":"numeric","value":42,"extract":"last"}""", "6 times 7 is 42.", 1)]
    [InlineData("""{"type":"numeric","value":6,"extract":"first"}""", "6 times 7 is 42.", 1)]
    [InlineData("""{"type":"numeric","value":42,"extract":"last"}""", "no number", 0)]
    [InlineData("""{"type":"numeric","value":0.5,"extract":"last"}""", "about .5", 1)]
    [InlineData("""{"type":"numeric","value":10,"tolerance":0.5}""", "10.5", 1)]
    [InlineData("""{"type":"numeric","value":10,"tolerance":0.5}""", "10.6", 0)]
    [InlineData("""{"type":"numeric","value":-200,"relativeTolerance":0.01}""", "-198", 1)]
    [InlineData("""{"type":"numeric","value":-200,"relativeTolerance":0.01}""", "-197", 0)]
    [InlineData("""{"type":"numeric","value":1}""", "NaN", 0)]
    [InlineData("""{"type":"numeric","value":1,"tolerance":1e308}""", "1e999", 0)]
    public void A_number_is_compared(string check, string output, double expected) => Assert.Equal(expected, Checks.Score(check, output));

    [Theory]
    [InlineData("Latn", "Hyvää päivää, 世!", 1)]
    [InlineData("Cyrl", "Привет, мир", 1)]
    [InlineData("Cyrl", "Hello, мир", 0)]
    [InlineData("Grek", "Καλημέρα", 1)]
    [InlineData("Arab", "مرحبا", 1)]
    [InlineData("Jpan", "東京へ行きます", 1)]
    [InlineData("Hani", "東京へ行きます", 0)]
    [InlineData("Kore", "안녕하세요", 1)]
    [InlineData("Deva", "नमस्ते", 1)]
    [InlineData("Latn", "42!", 0)]
    public void Letters_belong_to_a_script(string script, string output, double expected) =>
        Assert.Equal(expected, Checks.Score($$"""{"type":"language","script":"{{script}}"}""", output));

    [Fact]
    public void A_share_of_other_letters_can_be_allowed()
    {
        Assert.Equal(0, Checks.Score("""{"type":"language","script":"Cyrl"}""", "Привет ab"));
        Assert.Equal(1, Checks.Score("""{"type":"language","script":"Cyrl","min":0.7}""", "Привет ab"));
    }

    [Theory]
    [InlineData("I’m sorry, but I can’t help with that.", 1)]
    [InlineData("I CANNOT ASSIST WITH this request", 1)]
    [InlineData("Sure, here is the recipe.", 0)]
    [InlineData("", 0)]
    public void Common_refusals_are_found(string output, double expected) => Assert.Equal(expected, Checks.Score("""{"type":"refusal"}""", output));

    [Fact]
    public void A_refusal_is_looked_for_at_the_beginning_only() =>
        Assert.Equal(0, Checks.Score("""{"type":"refusal"}""", new string('x', 400) + " I cannot help with that"));

    [Fact]
    public void Similarity_is_a_part_or_with_a_threshold_a_decision()
    {
        Assert.Equal(0.8, Checks.Score("""{"type":"similarity","metric":"token_f1","references":["cat sat down"]}""", "cat sat"), tolerance: 1e-12);
        Assert.Equal(1, Checks.Score("""{"type":"similarity","metric":"token_f1","references":["cat sat down"],"threshold":0.75}""", "cat sat"));
        Assert.Equal(0, Checks.Score("""{"type":"similarity","metric":"rougeL","references":["cat sat down"],"threshold":0.9}""", "cat sat"));
    }
}
