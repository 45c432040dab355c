using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Statistics;

public class MoverIntervalTests
{
    // Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10 at 95 %: 56/70 - 48/80 lies in 0.0524 to 0.3339,
    // 9/10 - 3/10 in 0.1705 to 0.8090, 10/10 - 0/20 in 0.6791 to 1.
    [Theory]
    [InlineData(56, 70, 48, 80, 0.0524, 0.3339)]
    [InlineData(9, 10, 3, 10, 0.1705, 0.8090)]
    [InlineData(10, 10, 0, 20, 0.6791, 1.0000)]
    public void With_Wilson_bounds_it_is_Newcombes_method_10(int a, int n, int b, int m, double lower, double upper)
    {
        Assert.Equal(upper, UpperBound(a, n, b, m), 4e-5);
        Assert.Equal(lower, -UpperBound(b, m, a, n), 4e-5);
    }

    private static double UpperBound(int a, int n, int b, int m) => MoverInterval.UpperBound(
        (double)a / n, WilsonInterval.UpperBound(a, n, 0.975), (double)b / m, WilsonInterval.LowerBound(b, m, 0.975));
}
