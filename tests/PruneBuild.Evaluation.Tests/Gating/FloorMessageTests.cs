namespace PruneBuild.Evaluation.Tests.Gating;

public class FloorMessageTests
{
    [Theory]
    [InlineData(
        "\"min\": 0.60", 100, 28, 3, 49,
        "[linux-x64] accuracy on 'common' 0.57, floor 0.60 (95% lower bound 0.51, dense parent 0.71, n=180)")]
    [InlineData(
        "\"min\": 0.60, \"confidence\": 0.999", 100, 28, 3, 49,
        "[linux-x64] accuracy on 'common' 0.57, floor 0.60 (99.9% lower bound 0.46, dense parent 0.71, n=180)")]
    [InlineData(
        "\"min\": 0.60, \"mode\": \"point\"", 100, 28, 3, 49,
        "[linux-x64] accuracy on 'common' 0.57, floor 0.60 (point estimate decides, 95% lower bound 0.51, dense parent 0.71, n=180)")]
    [InlineData(
        "\"maxDrop\": 0.02", 640, 70, 29, 261,
        "[linux-x64] accuracy on 'common' drop 0.041, allowed 0.020 (95% bound 0.058, dense parent 0.71, n=1000)")]
    [InlineData(
        "\"retention\": 0.98", 640, 70, 29, 261,
        "[linux-x64] accuracy on 'common' retention 0.942, floor 0.980 (95% lower bound 0.919, dense parent 0.71, n=1000)")]
    public void A_missed_floor_says_what_was_measured(string floor, int a, int b, int c, int d, string message) =>
        Assert.Equal(message, Check(floor, a, b, c, d).Message);

    [Fact]
    public void An_inconclusive_floor_says_how_many_cases_would_decide() =>
        Assert.Equal(
            "[linux-x64] accuracy on 'common' drop 0.000, allowed 0.020 (95% bound 0.051, dense parent 0.80, n=50); n>=133 cases would decide",
            Check("\"maxDrop\": 0.02", 40, 0, 0, 10).Message);

    [Fact]
    public void A_near_miss_is_not_rounded_into_a_hit() =>
        Assert.StartsWith(
            "[linux-x64] accuracy on 'common' 0.969, floor 0.970 (",
            Check("\"min\": 0.97", 969, 0, 0, 31).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_gain_is_a_negative_drop() =>
        Assert.Contains(" drop -0.020, allowed 0.010 ", Check("\"maxDrop\": 0.01", 470, 10, 30, 490).Message, StringComparison.Ordinal);

    private static FloorCheck Check(string floor, int a, int b, int c, int d) =>
        HarnessFiles.Check($$"""{ "dimension": "accuracy", "slice": "common", {{floor}} }""", a, b, c, d);
}
