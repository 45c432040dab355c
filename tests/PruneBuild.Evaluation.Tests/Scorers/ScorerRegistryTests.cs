using CsCheck;
using PruneBuild.Evaluation.Scorers;
using PruneBuild.Tests;

namespace PruneBuild.Evaluation.Tests.Scorers;

public class ScorerRegistryTests
{
    // Every family with the numbers that make sense for the samples.
    public static TheoryData<string> Names =>
        [.. ScorerRegistry.Names.Select(name => name.EndsWith("@k", StringComparison.Ordinal) ? name[..^1] + "1" : name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_finds_the_scorer_that_has_it(string name) => Assert.Equal(name, Find(name).Name);

    [Theory]
    [InlineData("")]
    [InlineData("recall")]
    [InlineData("recall@")]
    [InlineData("recall@k")]
    [InlineData("recall@0")]
    [InlineData("recall@05")]
    [InlineData("recall@-1")]
    [InlineData("recall@1000001")]
    [InlineData("Accuracy")]
    public void Anything_else_finds_none(string name) => Assert.Null(ScorerRegistry.Find(name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_score_lies_in_the_range_of_its_scorer(string name)
    {
        var scorer = Find(name);
        var sample = Kind(scorer).Sound(scorer);
        Assert.True(sample.MeasureAll().IsMeasured, sample.MeasureAll().Reason);
        Gen.Int[0, sample.Count - 1].Array[1, 12].Sample(indices =>
        {
            if (sample.Measure(indices).Value is { } value) Assert.InRange(value, scorer.Range.Low, scorer.Range.High);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_order_of_the_cases_does_not_matter(string name)
    {
        var scorer = Find(name);
        var sample = Kind(scorer).Sound(scorer);
        Measured.Is(sample.MeasureAll().Value!.Value, sample.Measure([.. Enumerable.Range(0, sample.Count).Reverse()]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Drawing_every_case_twice_changes_nothing_but_a_sum(string name)
    {
        var scorer = Find(name);
        var sample = Kind(scorer).Sound(scorer);
        var twice = sample.Measure([.. Enumerable.Range(0, sample.Count), .. Enumerable.Range(0, sample.Count)]);
        Measured.Is(sample.MeasureAll().Value!.Value * (name == "bytes" ? 2 : 1), twice);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_cases_have_no_score(string name)
    {
        var scorer = Find(name);
        Assert.False(Kind(scorer).Empty(scorer).IsMeasured);
    }

    [Fact]
    public void Cases_that_cannot_be_scored_give_a_reason_and_no_number()
    {
        // Accuracy and F1 look at no probabilities, a ratio of sums survives one empty output, a plain accuracy needs no bytes.
        string[] indifferent = ["accuracy", "balanced_accuracy", "f1.macro", "f1.micro", "f1.weighted", "f1.class@1", "mcc", "len_ratio"];
        foreach (var name in Names.Select(row => row.Data).Except(indifferent))
        {
            var scorer = Find(name);
            Assert.All(Kind(scorer).Broken(scorer), score => Assert.False(score.IsMeasured, $"{name} is {score}"));
        }
    }

    [Fact]
    public void The_reference_lists_every_scorer_with_its_range_and_every_check()
    {
        var rows = File.ReadAllLines(Path.Combine(OnnxRuntimeNative.RepositoryRoot, "docs", "scorers.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(cells => cells[1].Trim('`'), cells => cells);
        foreach (var name in ScorerRegistry.Names)
        {
            Assert.True(rows.TryGetValue(name, out var row), $"{name} is not listed");
            var scorer = ScorerRegistry.Find(name.EndsWith("@k", StringComparison.Ordinal) ? name[..^1] + "1" : name)!;
            Assert.Equal(scorer.Range.ToString(), row[3]);
            Assert.Equal(scorer.Better.ToString().ToLowerInvariant(), row[4]);
        }
        // A leading i is a variant of the same check, listed with it.
        Assert.All(Expectation.Types.Where(type => type[0] != 'i'), type => Assert.True(rows.ContainsKey(type), $"{type} is not listed"));
        var known = ScorerRegistry.Names.Concat(Expectation.Types).ToHashSet();
        Assert.All(rows.Keys, name => Assert.Contains(name, known));
    }

    private static IScorer Find(string name) => Assert.IsAssignableFrom<IScorer>(ScorerRegistry.Find(name));

    private static SampleKind Kind(IScorer scorer) => Assert.Single(SampleKind.All, kind => kind.Fits(scorer));
}
