using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

public sealed unsafe class GroupPartitionTests
{
    [Fact]
    public void Parts_have_equal_work_where_groups_have_not()
    {
        // Half of the groups hold a hundred times the blocks of the others.
        var starts = new uint[257];
        for (var group = 0; group < 256; group++)
            starts[group + 1] = starts[group] + (group < 128 ? 200u : 2u);
        var partition = new GroupPartition(starts, 256);
        var work = Enumerable.Range(0, GroupPartition.MaxParts).Select(part => (long)starts[partition.Bounds[part + 1]] - starts[partition.Bounds[part]]).ToArray();
        Assert.InRange(work.Max() / (starts[256] / (double)GroupPartition.MaxParts), 1, 1.3);
        Assert.True(partition.Bounds[1] < 256 / GroupPartition.MaxParts, "Parts were cut by rows.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(1000)]
    public void Every_group_is_in_one_part(int groups)
    {
        foreach (var partition in new[] { new GroupPartition([], groups), new GroupPartition([.. Enumerable.Range(0, groups + 1).Select(i => (uint)(i * 7 % 5 + i * 5))], groups) })
        {
            Assert.Equal(0, partition.Bounds[0]);
            Assert.Equal(groups, partition.Bounds[GroupPartition.MaxParts]);
            for (var part = 0; part < GroupPartition.MaxParts; part++)
                Assert.True(partition.Bounds[part] <= partition.Bounds[part + 1]);
        }
    }
}
