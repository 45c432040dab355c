using PruneBuild.Evaluation.Tests.Scorers.TextSimilarity;

namespace PruneBuild.Evaluation.Tests.Scorers.Generation;

[Collection(nameof(LongTextTests))]
public class LongOutputTests
{
    // A backtracking engine would not end on this one within the age of the universe.
    [Fact]
    public void No_pattern_takes_more_than_time_in_proportion_to_the_text() =>
        Assert.Equal(0, Checks.Score("""{"type":"regex","pattern":"^(a+)+$"}""", new string('a', 10_000_000) + "b"));

    [Theory]
    [InlineData("""{"type":"icontains","value":"needle"}""")]
    [InlineData("""{"type":"numeric","value":1,"extract":"last"}""")]
    [InlineData("""{"type":"json"}""")]
    [InlineData("""{"type":"refusal"}""")]
    [InlineData("""{"type":"language","script":"Cyrl"}""")]
    [InlineData("""{"type":"length","unit":"words","max":10}""")]
    public void Ten_megabytes_are_checked(string check) => Assert.Equal(0, Checks.Score(check, string.Concat(Enumerable.Repeat("[{\"words ", 1_200_000))));
}
