using CsCheck;

namespace PruneBuild.Evaluation.Tests.Gating;

public class FloorStrictnessTests
{
    private static readonly Gen<(int A, int B, int C, int D)> Counts =
        Gen.Select(Gen.Int[1, 150], Gen.Int[0, 15], Gen.Int[0, 15], Gen.Int[0, 40]);

    [Fact]
    public void A_higher_minimum_never_turns_a_worse_result_into_a_better_one() => NeverBetter("min", higherIsStricter: true);

    [Fact]
    public void A_smaller_allowed_drop_never_turns_a_worse_result_into_a_better_one() => NeverBetter("maxDrop", higherIsStricter: false);

    [Fact]
    public void A_higher_retention_never_turns_a_worse_result_into_a_better_one() => NeverBetter("retention", higherIsStricter: true);

    [Theory]
    [InlineData("min")]
    [InlineData("maxDrop")]
    [InlineData("retention")]
    public void More_confidence_never_turns_a_worse_result_into_a_better_one(string key) =>
        Gen.Select(Counts, Gen.Double[0, 1], Gen.Double[0.5, 0.9999], Gen.Double[0.5, 0.9999]).Sample((counts, threshold, one, other) =>
        {
            var lenient = Result($"\"{key}\": {threshold:R}, \"confidence\": {Math.Min(one, other):R}", counts);
            var strict = Result($"\"{key}\": {threshold:R}, \"confidence\": {Math.Max(one, other):R}", counts);
            Assert.True(strict >= lenient);
        }, iter: 150);

    [Fact]
    public void One_more_case_lost_never_improves_a_result() =>
        Gen.Select(Counts, Gen.Double[0, 0.3]).Sample((counts, margin) =>
        {
            var before = Result($"\"maxDrop\": {margin:R}", counts);
            var after = Result($"\"maxDrop\": {margin:R}", (counts.A - 1, counts.B + 1, counts.C, counts.D));
            Assert.True(after >= before);
        }, iter: 150);

    private static void NeverBetter(string key, bool higherIsStricter) =>
        Gen.Select(Counts, Gen.Double[0, 1], Gen.Double[0, 1]).Sample((counts, one, other) =>
        {
            var (low, high) = (Result($"\"{key}\": {Math.Min(one, other):R}", counts), Result($"\"{key}\": {Math.Max(one, other):R}", counts));
            Assert.True(higherIsStricter ? high >= low : low >= high);
        }, iter: 150);

    private static CheckResult Result(string floor, (int A, int B, int C, int D) counts) =>
        HarnessFiles.Check($$"""{ "dimension": "accuracy", "slice": "common", {{floor}} }""", counts.A, counts.B, counts.C, counts.D).Result;
}
