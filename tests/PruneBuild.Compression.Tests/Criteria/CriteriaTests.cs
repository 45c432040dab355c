using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Statistics;
using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Tests.Criteria;

public sealed class CriteriaTests
{
    [Fact]
    public void Magnitude_ignores_the_sign_and_orders_by_size()
    {
        var scores = new float[3];
        new Magnitude().Score([-3, 2, -1], 3, null, scores);
        Assert.Equal([9f, 4f, 1f], scores);
    }

    [Fact]
    public void Wanda_weighs_by_the_energy_of_the_input()
    {
        var statistics = new InputStatistics(2);
        statistics.Add([1, 10, 1, 10]);
        var scores = new float[2];
        new Wanda().Score([5, 1], 2, statistics, scores);
        Assert.Equal([25f, 100f], scores);
    }

    [Fact]
    public void An_unknown_criterion_is_a_coded_error_that_names_the_known_ones()
    {
        var error = Assert.Throws<PruneBuildException>(() => PruningCriteria.Get("taylor"));
        Assert.Equal("PB1012", error.Code);
        Assert.All(PruningCriteria.Names, name => Assert.Contains(name, error.Message));
    }
}
