using System.Runtime.InteropServices;
using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// The mean input of layers. A convolution is linear, so the sum of all images, unfolded once, gives the sum over all positions: memory is
/// one image for each layer and image size.
/// </summary>
internal sealed class InputMeans
{
    private readonly Dictionary<string, Dictionary<string, Sum>> sums = new(StringComparer.Ordinal);

    /// <summary>Adds an activation; the first axis of images counts them, of features all axes but the last count rows.</summary>
    public void Add(string name, ReadOnlySpan<float> values, ReadOnlySpan<long> shape)
    {
        if (values.IsEmpty || shape.Length < 2)
            return;
        var size = string.Join('x', shape[1..].ToArray());
        var bySize = CollectionsMarshal.GetValueRefOrAddDefault(sums, name, out _) ??= new Dictionary<string, Sum>(StringComparer.Ordinal);
        var sum = CollectionsMarshal.GetValueRefOrAddDefault(bySize, size, out _) ??= new Sum([.. shape[1..]], new double[values.Length / (int)shape[0]]);
        sum.Count += shape[0];
        for (var start = 0; start < values.Length; start += sum.Values.Length)
            for (var index = 0; index < sum.Values.Length; index++)
                sum.Values[index] += values[start + index];
    }

    /// <summary>E[x] over all rows that the weight of a site multiplies, [groups][inputs of a group]; null where the shapes do not fit.</summary>
    /// <param name="site">A site whose input was added.</param>
    /// <param name="weightShape">Of its weight as it is stored.</param>
    public double[][]? Of(WeightSite site, IReadOnlyList<long> weightShape)
    {
        if (!sums.TryGetValue(site.InputName, out var bySize))
            return null;
        var geometry = site.Kind == SiteKind.Conv ? ConvolutionGeometry.Of(site.Node, weightShape) : null;
        if (site.Kind == SiteKind.Conv && geometry is null)
            return null;
        var total = new double[site.Groups][];
        for (var group = 0; group < site.Groups; group++)
            total[group] = new double[site.Inputs];
        long rows = 0;
        foreach (var (_, sum) in bySize.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if ((geometry is null ? AddRows(sum, site, total[0]) : AddPositions(sum, site, geometry, total)) is not { } added)
                return null;
            rows += added;
        }
        return rows == 0 ? null : [.. total.Select(group => Array.ConvertAll(group, value => value / rows))];
    }

    private static long? AddRows(Sum sum, WeightSite site, double[] total)
    {
        if (sum.Shape[^1] != site.Inputs)
            return null;
        for (var index = 0; index < sum.Values.Length; index++)
            total[index % site.Inputs] += sum.Values[index];
        return sum.Count * (sum.Values.Length / site.Inputs);
    }

    private static long? AddPositions(Sum sum, WeightSite site, ConvolutionGeometry geometry, double[][] total)
    {
        (int N, int C, int H, int W)? image = sum.Shape switch
        {
            [var channels, var width] => (1, (int)channels, 1, (int)width),
            [var channels, var height, var width] => (1, (int)channels, (int)height, (int)width),
            _ => null,
        };
        if (image is not { } size || size.C != site.Channels * site.Groups)
            return null;
        // Means, not sums, so that singles are precise enough.
        var mean = Array.ConvertAll(sum.Values, value => (float)(value / sum.Count));
        long positions = 0;
        for (var group = 0; group < site.Groups; group++)
        {
            var (into, count) = (total[group], 0L);
            Im2Col.Unfold(mean, size, geometry, group, rows =>
            {
                for (var index = 0; index < rows.Length; index++)
                    into[index % site.Inputs] += rows[index] * (double)sum.Count;
                count += rows.Length / site.Inputs;
            });
            positions = count;
        }
        return positions * sum.Count;
    }

    private sealed record Sum(long[] Shape, double[] Values)
    {
        public long Count { get; set; }
    }
}
