namespace PruneBuild.Evaluation;

/// <summary>The cases that a value is measured on, and how they hang together.</summary>
/// <param name="Cases">Numbers of the cases.</param>
/// <param name="Clusters">The same numbers cluster by cluster; a case that depends on no other is a cluster of its own.</param>
internal sealed record SampleFrame(int[] Cases, IReadOnlyList<int[]> Clusters)
{
    /// <summary>Whether any two cases depend on each other.</summary>
    public bool IsClustered => Clusters.Count < Cases.Length;

    /// <summary>Repeats that depend on nothing.</summary>
    public static SampleFrame OfRepeats(int repeats) =>
        new([.. Enumerable.Range(0, repeats)], [.. Enumerable.Range(0, repeats).Select(index => (int[])[index])]);

    /// <summary>The cases that <paramref name="include"/> says belong to it.</summary>
    public static SampleFrame Of(CaseSet cases, Func<int, bool> include)
    {
        int[] included = [.. Enumerable.Range(0, cases.Count).Where(include)];
        var alone = included.Where(index => cases.ClusterOf[index] is null).Select(index => (int[])[index]);
        var together = included.Where(index => cases.ClusterOf[index] is not null).GroupBy(index => cases.ClusterOf[index]).Select(cluster => cluster.ToArray());
        return new SampleFrame(included, [.. alone, .. together]);
    }
}
