using PruneBuild.Compression.Criteria;

namespace PruneBuild.Compression.Quantization;

/// <summary>The levels of groups of consecutive inputs. A weight that came as zero stays one.</summary>
internal sealed class GroupLevels : ILevelGrid
{
    private readonly ReadOnlyMemory<float> weights;
    private readonly float[] scales;
    private readonly float[] zeros;
    private readonly int stride;

    /// <param name="grids">Format, scales, zero points, and the nearest levels: those of weights that nothing settles, which are zeros.</param>
    /// <param name="weights">[outputs, inputs]; only its zeros are looked at.</param>
    public GroupLevels(QuantizedMatrix grids, ReadOnlyMemory<float> weights)
    {
        this.weights = weights;
        stride = (grids.Outputs + ColumnMatrix.ChunkRows - 1) / ColumnMatrix.ChunkRows * ColumnMatrix.ChunkRows;
        (scales, zeros) = (ByGroup(grids.Scales, grids, 1), ByGroup(grids.ZeroPoints, grids, 0));
        Matrix = grids with { Levels = [.. grids.Levels] };
    }

    /// <summary>The grids with the levels that were chosen.</summary>
    public QuantizedMatrix Matrix { get; }

    /// <inheritdoc/>
    public int Lowest => 0;

    /// <inheritdoc/>
    public int Highest => Matrix.Format.HighestLevel;

    /// <inheritdoc/>
    public void Load(int input, int row, Span<float> scales, Span<float> zeros, Span<int> pruned)
    {
        var grid = (input / Matrix.Format.GroupSize * stride) + row;
        this.scales.AsSpan(grid, scales.Length).CopyTo(scales);
        this.zeros.AsSpan(grid, zeros.Length).CopyTo(zeros);
        var values = weights.Span;
        for (var index = 0; index < Math.Min(pruned.Length, Matrix.Outputs - row); index++)
            if (values[((row + index) * Matrix.Inputs) + input] == 0)
                pruned[index] = LevelRounding.Pruned;
    }

    /// <inheritdoc/>
    public void Store(int input, int row, ReadOnlySpan<int> levels)
    {
        for (var index = 0; index < Math.Min(levels.Length, Matrix.Outputs - row); index++)
            Matrix.Levels[((long)(row + index) * Matrix.Inputs) + input] = (byte)levels[index];
    }

    /// <summary>[outputs, groups] as [groups, stride].</summary>
    private float[] ByGroup(float[] values, QuantizedMatrix grids, float missing)
    {
        var turned = new float[(long)stride * grids.Groups];
        Array.Fill(turned, missing);
        for (var output = 0; output < grids.Outputs; output++)
            for (var group = 0; group < grids.Groups; group++)
                turned[((long)group * stride) + output] = values[(output * grids.Groups) + group];
        return turned;
    }
}
