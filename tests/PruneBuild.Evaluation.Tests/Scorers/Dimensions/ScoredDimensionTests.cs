using PruneBuild.Evaluation.Scorers;
using PruneBuild.Evaluation.Tests.Scorers.Generation;

namespace PruneBuild.Evaluation.Tests.Scorers.Dimensions;

public class ScoredDimensionTests
{
    // Between target 20 and limit 80 equal ratios count the same: 40 is in the middle.
    [Theory]
    [InlineData(10, 1)]
    [InlineData(20, 1)]
    [InlineData(40, 0.5)]
    [InlineData(80, 0)]
    [InlineData(1000, 0)]
    [InlineData(0, 1)]
    public void A_latency_lies_between_target_and_limit(double milliseconds, double expected)
    {
        var latency = Parse("""{"name":"latency","scorers":[{"scorer":"p90","target":20,"limit":80}]}""");
        Measured.Is(expected, latency.Measure(Scores(("p90", milliseconds))));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(25, 0.25)]
    [InlineData(100, 1)]
    public void A_percentage_is_mapped_in_proportion(double bleu, double expected)
    {
        var quality = Parse("""{"name":"fluency","scorers":[{"scorer":"bleu","zeroAt":0,"oneAt":100}]}""");
        Measured.Is(expected, quality.Measure(Scores(("bleu", bleu))));
    }

    [Fact]
    public void A_lower_number_can_be_the_better_one() =>
        Measured.Is(0.75, Parse("""{"name":"speech","scorers":[{"scorer":"wer","zeroAt":1,"oneAt":0}]}""").Measure(Scores(("wer", 0.25))));

    [Fact]
    public void A_number_outside_0_to_1_needs_a_map() => Measured.IsMissing(
        "bleu: 48.5 is not from 0 to 1",
        Parse("""{"name":"fluency","scorers":[{"scorer":"bleu"}]}""").Measure(Scores(("bleu", 48.5))));

    [Theory]
    [InlineData("mean", 0.7)]
    [InlineData("minimum", 0.5)]
    public void Scorers_of_a_dimension_are_put_together_without_weights(string combine, double expected)
    {
        var dimension = Parse($$"""{"name":"factuality","scorers":[{"scorer":"equals"},{"scorer":"token_f1"}],"combine":"{{combine}}"}""");
        Measured.Is(expected, dimension.Measure(Scores(("equals", 0.5), ("token_f1", 0.9))));
    }

    [Fact]
    public void A_scorer_that_is_missing_or_has_no_number_leaves_the_dimension_without_one()
    {
        var dimension = Parse("""{"name":"factuality","scorers":[{"scorer":"equals"},{"scorer":"token_f1"}]}""");
        Measured.IsMissing("token_f1 is missing", dimension.Measure(Scores(("equals", 1))));
        Measured.IsMissing("token_f1: nothing was measured", dimension.Measure(new Dictionary<string, Score> { ["equals"] = Score.Of(1.0), ["token_f1"] = default }));
    }

    [Fact]
    public void Cases_keep_their_own_numbers()
    {
        var dimension = Parse("""{"name":"format_compliance","scorers":[{"scorer":"json"},{"scorer":"not-refusal"}],"combine":"minimum"}""");
        var scores = new Dictionary<string, CaseScores>
        {
            ["json"] = new([Score.Of(true), Score.Of(true), Score.Of(false)]),
            ["not-refusal"] = new([Score.Of(true), Score.Of(false), Score.Of(true)]),
        };
        Assert.Equal([1.0, 0.0, 0.0], dimension.MeasureCases(scores).Values!);
        scores["json"] = new([Score.Of(true)]);
        Assert.Throws<ArgumentException>(() => dimension.MeasureCases(scores));
    }

    [Theory]
    [InlineData("mean", "factuality", 0.5)]
    [InlineData("minimum", "factuality", 0)]
    [InlineData("mean", "format_compliance", 1)]
    public void Checks_count_for_the_dimension_that_they_name(string combine, string name, double expected)
    {
        string[] checks =
        [
            """{"type":"contains","value":"refund","dim":"factuality"}""",
            """{"type":"contains","value":"cancel","dim":"factuality"}""",
            """{"type":"not-json","dim":"format_compliance"}""",
            """{"type":"contains","value":"nothing"}""",
        ];
        var expectations = checks.Select(check => Checks.Parse(check)).ToArray();
        var dimension = Parse($$"""{"name":"{{name}}","combine":"{{combine}}"}""");
        var generation = new Evaluation.Scorers.Generation("case-1", "a refund");
        Measured.Is(expected, Assert.NotNull(dimension.MeasureChecks(expectations, generation)));
        Assert.Null(Parse("""{"name":"latency"}""").MeasureChecks(expectations, generation));
    }

    [Theory]
    [InlineData("PB1013", """{"scorers":[{"scorer":"p90"}]}""", "{")]
    [InlineData("PB1012", """{"name":"two words","scorers":[{"scorer":"p90"}]}""", "\"two words\"")]
    [InlineData("PB1012", """{"name":"a","scorers":[]}""", "[]")]
    [InlineData("PB1071", """{"name":"a","scorers":[{"scorer":"p91"}]}""", "\"p91\"")]
    [InlineData("PB1011", """{"name":"a","scorers":[{"scorer":"p90","weight":2}]}""", "\"weight\"")]
    [InlineData("PB1013", """{"name":"a","scorers":[{"scorer":"p90","target":20}]}""", "{\"scorer\"")]
    [InlineData("PB1012", """{"name":"a","scorers":[{"scorer":"p90","target":0,"limit":80}]}""", "0,")]
    [InlineData("PB1012", """{"name":"a","scorers":[{"scorer":"p90","target":20,"limit":20}]}""", "20,")]
    [InlineData("PB1012", """{"name":"a","scorers":[{"scorer":"p90","zeroAt":3,"oneAt":3}]}""", "3}")]
    [InlineData("PB1012", """{"name":"a","scorers":[{"scorer":"p90","zeroAt":3,"oneAt":4,"target":5}]}""", "5}")]
    [InlineData("PB1012", """{"name":"a","scorers":[{"scorer":"p90"}],"combine":"weighted"}""", "\"weighted\"")]
    public void A_fault_is_reported_at_its_token(string code, string json, string at)
    {
        var diagnostic = HarnessFiles.Fails(code, () => Parse(json));
        Assert.Equal(HarnessFiles.Find(json, at), (diagnostic.Line, diagnostic.Column));
    }

    [Fact]
    public void A_users_own_scorer_is_known_once_it_is_loaded()
    {
        const string json = """{"name":"a","scorers":[{"scorer":"house_style"}]}""";
        HarnessFiles.Fails("PB1071", () => Parse(json));
        Assert.Equal("house_style", Parse(json, name => name == "house_style").Scorers[0].Scorer);
    }

    private static ScoredDimension Parse(string json, Func<string, bool>? isCustom = null) =>
        ScoredDimension.Parse(new JsonSection(LocatedJson.Parse(json, "harness.json"), "harness.json"), isCustom ?? (_ => false));

    private static Dictionary<string, Score> Scores(params (string Scorer, double Value)[] scores) =>
        scores.ToDictionary(pair => pair.Scorer, pair => Score.Of(pair.Value));
}
