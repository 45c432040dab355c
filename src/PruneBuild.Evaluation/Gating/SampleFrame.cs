namespace PruneBuild.Evaluation;

/// <summary>The cases that a value is measured on, and how they hang together.</summary>
/// <param name="Cases">Numbers of the cases.</param>
/// <param name="Clusters">The same numbers cluster by cluster; a case that depends on no other is a cluster of its own.</param>
/// <param name="Count">How many cases these are: parts of one text are one case.</param>
internal sealed record SampleFrame(int[] Cases, IReadOnlyList<int[]> Clusters, int Count)
{
    /// <summary>Whether any two cases, or parts of one, depend on each other.</summary>
    public bool IsClustered => Clusters.Count < Cases.Length;

    /// <summary>Repeats that depend on nothing.</summary>
    public static SampleFrame OfRepeats(int repeats) =>
        new([.. Enumerable.Range(0, repeats)], [.. Enumerable.Range(0, repeats).Select(index => (int[])[index])], repeats);

    /// <summary>The cases that <paramref name="include"/> says belong to it.</summary>
    public static SampleFrame Of(CaseSet cases, Func<int, bool> include)
    {
        int[] included = [.. Enumerable.Range(0, cases.Count).Where(include)];
        var alone = included.Where(index => cases.ClusterOf[index] is null).GroupBy(index => cases.WholeOf[index]).Select(parts => parts.ToArray());
        var together = included.Where(index => cases.ClusterOf[index] is not null).GroupBy(index => cases.ClusterOf[index]).Select(cluster => cluster.ToArray());
        return new SampleFrame(included, [.. alone, .. together], cases.CountWhole(included));
    }
}
