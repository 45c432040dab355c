using PruneBuild.Compression.Depth;

namespace PruneBuild.Compression.Tests.Depth;

public sealed class OutputLossTests
{
    [Fact]
    public void Equal_logits_cost_the_logarithm_of_the_vocabulary_for_every_token_but_the_first_of_a_sequence()
    {
        var loss = OutputLoss.NextToken(new float[6 * 8], [1, 2, 3, 4, 5, 6], 3);
        Assert.Equal(4, loss.Rows);
        Assert.Equal(Math.Log(8), loss.Mean, 1e-12);
    }

    [Fact]
    public void The_logits_of_a_token_judge_the_one_after_it_in_the_same_sequence()
    {
        // Token t is followed by t + 1 with certainty, in each of two sequences; what follows a last token is not asked.
        long[] tokens = [0, 1, 2, 5, 6, 7];
        var logits = new float[6 * 8];
        for (var place = 0; place < 6; place++)
            logits[(place * 8) + (int)((tokens[place] + 1) % 8)] = 1000;
        Assert.Equal(0, OutputLoss.NextToken(logits, tokens, 3).Sum, 1e-12);
        Assert.True(OutputLoss.NextToken(logits, tokens, 6).Sum > 500);
    }

    [Fact]
    public void The_divergence_is_that_of_the_distributions()
    {
        // Of a fair coin from one with 1/4: ½ ln(½ / ¼) + ½ ln(½ / ¾). What is added to all logits of a row changes nothing.
        var loss = OutputLoss.Divergence([5, 5], [(float)Math.Log(0.25), (float)Math.Log(0.75)], 2);
        Assert.Equal((0.5 * Math.Log(2)) + (0.5 * Math.Log(2.0 / 3)), loss.Mean, 1e-6);
        Assert.Equal(0, OutputLoss.Divergence([1, 2, 3], [11, 12, 13], 3).Mean, 1e-6);
        Assert.True(OutputLoss.Divergence([1, 2, 3], [3, 2, 1], 3).Mean > 0.1);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => OutputLoss.NextToken(new float[7], [1, 2], 2));
        Assert.Throws<ArgumentException>(() => OutputLoss.NextToken(new float[8], [1, 4], 2));
        Assert.Throws<ArgumentException>(() => OutputLoss.Divergence(new float[4], new float[8], 4));
    }
}
