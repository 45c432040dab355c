using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Statistics;

public class McNemarTestTests
{
    // Fagerland, Lydersen and Laake, BMC Medical Research Methodology 13:91 (2013): airway data, b=1, c=7.
    [Fact]
    public void It_agrees_with_the_published_value() => Assert.Equal(0.0391, McNemarTest.MidP(1, 7), 4);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 5)]
    public void Equal_counts_give_one(int b, int c) => Assert.Equal(1, McNemarTest.MidP(b, c), 9);

    [Fact]
    public void It_does_not_matter_which_model_is_which() => Assert.Equal(McNemarTest.MidP(3, 11), McNemarTest.MidP(11, 3));

    [Fact]
    public void A_large_one_sided_change_is_certain() => Assert.True(McNemarTest.MidP(2000, 0) < 1e-100);
}
