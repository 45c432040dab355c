using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Generation;

public sealed class TokenSamplerTests
{
    private const int Draws = 40_000;

    private static readonly float[] Logits = [1, 3, -2, 0.5f, 3, 2, -1, 0];

    [Fact]
    public void Greedy_takes_the_first_of_equals() => Assert.Equal(1, Sampler(new()).Next([.. Logits]));

    [Theory]
    [InlineData(1f, 1, 1f)]
    [InlineData(1e-6f, 0, 1f)]
    [InlineData(1e-30f, 0, 1f)]
    [InlineData(1f, 0, 1e-6f)]
    public void One_candidate_and_a_temperature_of_nearly_0_and_a_nucleus_of_nearly_nothing_are_greedy(float temperature, int topK, float topP)
    {
        float[] logits = [1, 3, -2, 0.5f, 2.5f, 2, -1, 0];
        var sampler = Sampler(new() { Temperature = temperature, TopK = topK, TopP = topP });
        for (var draw = 0; draw < 200; draw++)
            Assert.Equal(1, sampler.Next([.. logits]));
    }

    [Theory]
    [InlineData(0.7f)]
    [InlineData(1f)]
    [InlineData(2f)]
    public void Tokens_come_as_often_as_the_softmax_says(float temperature) =>
        AssertFrequencies(Softmax(temperature, _ => true), new() { Temperature = temperature });

    [Fact]
    public void The_k_most_likely_tokens_share_the_probability() =>
        AssertFrequencies(Softmax(1, index => index is 1 or 4 or 5), new() { Temperature = 1, TopK = 3 });

    [Fact]
    public void Of_equals_at_the_border_of_the_k_the_first_count()
    {
        float[] logits = [0, 5, 5, 5, 0];
        var sampler = Sampler(new() { Temperature = 1, TopK = 2 });
        Assert.Equal([1, 2], Enumerable.Range(0, 500).Select(_ => sampler.Next([.. logits])).Distinct().Order());
    }

    [Fact]
    public void The_nucleus_is_the_smallest_set_of_the_probability_p()
    {
        var all = Softmax(1, _ => true);
        // The two highest are equal; with the third they exceed 0.85.
        Assert.InRange(all[1] + all[4], 0.6, 0.85);
        Assert.InRange(all[1] + all[4] + all[5], 0.85, 1);
        AssertFrequencies(Softmax(1, index => index is 1 or 4 or 5), new() { Temperature = 1, TopP = 0.85f });
    }

    [Fact]
    public void The_nucleus_is_of_what_the_k_leave()
    {
        // Of the three that k leaves, the two highest have 0.73 together.
        AssertFrequencies(Softmax(1, index => index is 1 or 4), new() { Temperature = 1, TopK = 3, TopP = 0.7f });
    }

    [Fact]
    public void A_nucleus_of_everything_and_as_many_candidates_as_tokens_change_nothing()
    {
        var plain = Sampler(new() { Temperature = 1.3f });
        var open = Sampler(new() { Temperature = 1.3f, TopP = 1, TopK = Logits.Length, RepetitionPenalty = 1 });
        for (var draw = 0; draw < 500; draw++)
            Assert.Equal(plain.Next([.. Logits]), open.Next([.. Logits]));
    }

    [Fact]
    public void What_was_seen_is_penalized_once_positive_logits_by_division_and_negative_by_multiplication()
    {
        var sampler = Sampler(new() { RepetitionPenalty = 2 });
        foreach (var token in new[] { 1, 1, 2, 7 })
            sampler.Observe(token);
        float[] logits = [.. Logits];
        Assert.Equal(4, sampler.Next(logits));
        Assert.Equal([1, 1.5f, -4, 0.5f, 3, 2, -1, 0], logits);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Logits_that_are_no_numbers_are_an_error(float value)
    {
        float[] logits = [.. Logits];
        logits[3] = value;
        Assert.Equal(EdgeModelException.GenerationFailed, Assert.Throws<EdgeModelException>(() => Sampler(new() { Temperature = 1 }).Next(logits)).Code);
    }

    [Fact]
    public void A_token_without_probability_is_never_drawn()
    {
        float[] logits = [0, float.NegativeInfinity, 0, -1000];
        var sampler = Sampler(new() { Temperature = 5 });
        Assert.Equal([0, 2], Enumerable.Range(0, 2000).Select(_ => sampler.Next([.. logits])).Distinct().Order());
    }

    [Fact]
    public void Candidates_of_a_large_vocabulary_are_those_of_a_full_sort()
    {
        var random = new Random(3);
        float[] logits = [.. Enumerable.Range(0, 5000).Select(_ => (float)random.NextDouble() * 8)];
        var best = Enumerable.Range(0, logits.Length).OrderByDescending(index => logits[index]).ThenBy(index => index).ToList();
        var sampler = Sampler(new() { Temperature = 4, TopK = 300 }, logits.Length);
        Assert.Subset(best.Take(300).ToHashSet(), Enumerable.Range(0, 3000).Select(_ => sampler.Next([.. logits])).ToHashSet());
        var total = logits.Sum(logit => Math.Exp(logit));
        var (sum, count) = (0.0, 0);
        while (sum < 0.4 * total)
            sum += Math.Exp(logits[best[count++]]);
        var nucleus = Sampler(new() { Temperature = 1, TopP = 0.4f }, logits.Length);
        Assert.Subset(best.Take(count + 1).ToHashSet(), Enumerable.Range(0, 3000).Select(_ => nucleus.Next([.. logits])).ToHashSet());
    }

    [Fact]
    public void The_numbers_of_a_seed_are_those_that_are_published()
    {
        // The first two of SplitMix64 from 1234567.
        var random = new SplitMix64(1234567);
        Assert.Equal(6457827717110365317UL >> 11, (ulong)(random.NextDouble() * (1UL << 53)));
        Assert.Equal(3203168211198807973UL >> 11, (ulong)(random.NextDouble() * (1UL << 53)));
    }

    private static TokenSampler Sampler(GenerationOptions options, int vocabulary = 8) => new(vocabulary, options, 42);

    private static double[] Softmax(float temperature, Func<int, bool> kept)
    {
        var weights = Logits.Select((logit, index) => kept(index) ? Math.Exp(logit / temperature) : 0).ToArray();
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    /// <summary>Within five standard deviations.</summary>
    private static void AssertFrequencies(double[] expected, GenerationOptions options)
    {
        var (sampler, counts) = (Sampler(options), new int[expected.Length]);
        for (var draw = 0; draw < Draws; draw++)
            counts[sampler.Next([.. Logits])]++;
        for (var token = 0; token < counts.Length; token++)
            Assert.InRange(counts[token] - (expected[token] * Draws), -5 * Math.Sqrt(expected[token] * Draws), 5 * Math.Sqrt(expected[token] * Draws));
    }
}
