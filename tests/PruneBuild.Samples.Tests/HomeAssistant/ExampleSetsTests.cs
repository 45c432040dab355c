using HomeAssistant.Language;

namespace PruneBuild.Samples.Tests.HomeAssistant;

public sealed class ExampleSetsTests
{
    [Fact]
    public void No_sentence_is_in_two_splits()
    {
        var gate = ExampleSets.GateCounts.SelectMany(slice => ExampleSets.Gate(slice.Slice, slice.Count)).Select(Words).ToHashSet();
        var calibration = ExampleSets.Calibration().Take(1500).Select(Words).ToHashSet();
        var training = ExampleSets.Training().Take(30_000).Select(Words).ToHashSet();
        Assert.Empty(gate.Intersect(calibration));
        Assert.Empty(gate.Intersect(training));
        Assert.Empty(calibration.Intersect(training));
    }

    [Fact]
    public void The_gate_asks_nothing_twice() => Assert.All(ExampleSets.GateCounts, slice =>
        Assert.Equal(slice.Count, ExampleSets.Gate(slice.Slice, slice.Count).Select(example => example.Sentence.ToUpperInvariant()).Distinct().Count()));

    [Theory]
    [InlineData("Turn on the kitchen lamp.", "turn on the kitchen lamp")]
    [InlineData("turn  on the kitchen lamp!", "turn on the KITCHEN lamp")]
    public void Case_spaces_and_marks_do_not_move_a_sentence_to_another_split(string one, string other) => Assert.Equal(Splits.Of(one), Splits.Of(other));

    private static string Words(Example example) => string.Join(' ', example.Sentence.ToUpperInvariant().Split([' ', '.', ',', '!', '?', ';'], StringSplitOptions.RemoveEmptyEntries));
}
