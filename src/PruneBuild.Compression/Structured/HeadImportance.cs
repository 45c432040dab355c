namespace PruneBuild.Compression.Structured;

/// <summary>
/// Which heads to remove (SlimLLM, Guo et al. 2025): R(K) = Σ_j |corr(Y^K_j, Y_j)| over the outputs j of the projection, Y^K the
/// sum of the kept heads' contributions. Heads whose removal leaves the largest R go first; then each removed one is swapped with
/// a kept one while that raises R. From the input's covariance Σ: with G^j_hg = w_hjᵀ Σ_hg w_gj, var(Y^K_j) = 1_Kᵀ G^j 1_K and
/// cov(Y^K_j, Y_j) = 1_Kᵀ G^j 1.
/// </summary>
public sealed class HeadImportance
{
    private readonly int heads;
    private readonly double[][] products;
    private readonly double[][] rows;

    private HeadImportance(int heads, double[][] products)
    {
        (this.heads, this.products) = (heads, products);
        rows = Array.ConvertAll(products, matrix => Enumerable.Range(0, heads).Select(head => matrix.AsSpan(head * heads, heads).ToArray().Sum()).ToArray());
    }

    /// <summary>Builds G^j for every output.</summary>
    /// <param name="weights">Of the output projection, [outputs, K].</param>
    /// <param name="covariance">Of its input, [K, K].</param>
    /// <param name="columns">For each head its columns.</param>
    public static HeadImportance Of(ReadOnlySpan<float> weights, double[] covariance, IReadOnlyList<IReadOnlyList<int>> columns)
    {
        var inputs = (int)Math.Sqrt(covariance.Length);
        var products = new double[weights.Length / inputs][];
        var sums = new double[inputs];
        for (var output = 0; output < products.Length; output++)
        {
            var row = weights.Slice(output * inputs, inputs);
            var matrix = products[output] = new double[columns.Count * columns.Count];
            for (var head = 0; head < columns.Count; head++)
            {
                Array.Clear(sums);
                foreach (var column in columns[head])
                    for (var other = 0; other < inputs; other++)
                        sums[other] += row[column] * covariance[((long)column * inputs) + other];
                for (var other = 0; other < columns.Count; other++)
                    foreach (var column in columns[other])
                        matrix[(head * columns.Count) + other] += sums[column] * row[column];
            }
        }
        return new HeadImportance(columns.Count, products);
    }

    /// <summary>R of the kept heads; outputs that do not vary count nothing.</summary>
    public double Correlation(IReadOnlyCollection<int> kept)
    {
        double total = 0;
        for (var output = 0; output < products.Length; output++)
        {
            double joint = 0, variance = 0;
            foreach (var head in kept)
            {
                joint += rows[output][head];
                foreach (var other in kept)
                    variance += products[output][(head * heads) + other];
            }
            var whole = rows[output].Sum();
            if (variance > 0 && whole > 0)
                total += Math.Abs(joint) / Math.Sqrt(variance * whole);
        }
        return total;
    }

    /// <summary>The heads to keep, ascending; ties by index.</summary>
    /// <param name="count">How many to keep, 1 to all.</param>
    public IReadOnlyList<int> Keep(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, heads);
        var all = Enumerable.Range(0, heads).ToList();
        var removed = all.OrderByDescending(head => Correlation([.. all.Where(other => other != head)])).ThenBy(head => head).Take(heads - count).ToList();
        var kept = all.Except(removed).ToList();
        for (var index = 0; index < removed.Count; index++)
        {
            var (best, at) = (Correlation(kept), -1);
            for (var other = 0; other < kept.Count; other++)
            {
                List<int> trial = [.. kept];
                trial[other] = removed[index];
                if (Correlation(trial) is var correlation && correlation > best)
                    (best, at) = (correlation, other);
            }
            if (at >= 0)
                (kept[at], removed[index]) = (removed[index], kept[at]);
        }
        return [.. kept.Order()];
    }
}
