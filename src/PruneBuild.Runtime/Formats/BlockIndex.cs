namespace PruneBuild.Runtime;

/// <summary>Which blocks of a weight matrix hold a non-zero: per group of outputs, the ascending indexes of its stored blocks.</summary>
/// <param name="GroupStarts">[groups + 1] first block of each group.</param>
/// <param name="Indices">[blocks] unit of inputs of each block.</param>
/// <param name="Units">Units of inputs that a group could store.</param>
internal sealed record BlockIndex(uint[] GroupStarts, ushort[] Indices, int Units)
{
    public int Groups => GroupStarts.Length - 1;

    /// <summary>Fraction of the blocks that are all zero.</summary>
    public double Sparsity => 1 - Indices.Length / ((double)Groups * Units);

    /// <summary>Scans weights. Rows and columns beyond the matrix count as zero.</summary>
    public static BlockIndex Find(WeightMatrix weights, int outputsPerBlock, int inputsPerBlock) => weights.Quantized is { } quantized
        ? Find<sbyte>(quantized, weights, outputsPerBlock, inputsPerBlock)
        : Find<float>(weights.Singles!, weights, outputsPerBlock, inputsPerBlock);

    private static BlockIndex Find<T>(T[] values, WeightMatrix weights, int outputsPerBlock, int inputsPerBlock)
        where T : struct, System.Numerics.INumberBase<T>
    {
        var (outputs, inputs) = (weights.Outputs, weights.Inputs);
        var groups = (outputs + outputsPerBlock - 1) / outputsPerBlock;
        var units = (inputs + inputsPerBlock - 1) / inputsPerBlock;
        var starts = new uint[groups + 1];
        var indices = new List<ushort>();
        var occupied = new bool[units];
        for (var group = 0; group < groups; group++)
        {
            Array.Clear(occupied);
            for (var output = group * outputsPerBlock; output < Math.Min(outputs, (group + 1) * outputsPerBlock); output++)
            {
                var row = values.AsSpan(output * inputs, inputs);
                for (var input = 0; input < row.Length; input++)
                {
                    if (!T.IsZero(row[input]))
                        occupied[input / inputsPerBlock] = true;
                }
            }

            for (var unit = 0; unit < units; unit++)
            {
                if (occupied[unit])
                    indices.Add((ushort)unit);
            }

            starts[group + 1] = (uint)indices.Count;
        }

        return new(starts, [.. indices], units);
    }
}
