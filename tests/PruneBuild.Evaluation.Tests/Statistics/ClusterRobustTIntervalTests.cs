using CsCheck;
using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Tests.Statistics;

public class ClusterRobustTIntervalTests
{
    // Additional hours of sleep of ten patients, second drug minus first: Student, Biometrika 6 (1908) 1-25; data set "sleep" of R,
    // where t.test(paired = TRUE) gives the 95 % interval 0.7001142 to 2.4598858.
    private static readonly double[] Sleep = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4];

    [Fact]
    public void Without_clusters_it_is_Students_paired_interval()
    {
        var contributions = ClusterRobustTInterval.Contributions(Sleep.Select(value => new[] { value }), Sleep.Average(), Sleep.Length);
        Assert.Equal(0.7001142, ClusterRobustTInterval.LowerBound(1.58, contributions, 0.975), 1e-7);
        Assert.Equal(2.4598858, -ClusterRobustTInterval.LowerBound(-1.58, contributions, 0.975), 1e-7);
    }

    [Fact]
    public void Copies_of_a_case_in_its_cluster_prove_nothing_more()
    {
        var contributions = ClusterRobustTInterval.Contributions(Sleep.Select(value => Enumerable.Repeat(value, 7)), Sleep.Average(), 7 * Sleep.Length);
        Assert.Equal(0.7001142, ClusterRobustTInterval.LowerBound(1.58, contributions, 0.975), 1e-7);
    }

    // Miller, arXiv 2411.00640, equation 4: the variance of independent cases plus the products of pairs within a cluster, all over n².
    [Fact]
    public void The_error_is_that_of_Miller_times_the_correction_for_few_clusters() =>
        Gen.Double[0, 1].Array[1, 5].Array[2, 12].Sample(clusters =>
        {
            var values = clusters.SelectMany(cluster => cluster).ToArray();
            var mean = values.Average();
            var pairs = clusters.Sum(cluster => cluster.SelectMany(_ => cluster, (one, other) => (one - mean) * (other - mean)).Sum());
            var miller = Math.Sqrt(Math.Max(0, pairs)) / values.Length;
            double g = clusters.Length;
            var error = ClusterRobustTInterval.StandardError(ClusterRobustTInterval.Contributions(clusters, mean, values.Length));
            Assert.Equal(miller * Math.Sqrt(g / (g - 1)), error, 1e-9);
        });

    [Fact]
    public void One_cluster_has_no_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ClusterRobustTInterval.StandardError([0]));
}
