using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Statistics;

public class UnanimousBoundTests
{
    [Theory]
    [InlineData(1, 0.95)]
    [InlineData(50, 0.95)]
    [InlineData(600, 0.99)]
    public void It_is_where_the_score_intervals_end(int n, double confidence)
    {
        Assert.Equal(1 - WilsonInterval.LowerBound(n, n, confidence), UnanimousBound.Distance(1, n, confidence), 1e-9);
        Assert.Equal(-TangoInterval.LowerBound(0, 0, n, confidence), UnanimousBound.Distance(1, n, confidence), 1e-9);
    }
}
