using System.Numerics;

namespace PruneBuild.Runtime;

/// <summary>Which blocks of a weight matrix hold a non-zero: per group of 8 outputs, the ascending indexes of its stored blocks.</summary>
internal sealed record BlockIndex(uint[] GroupStarts, ushort[] Indices)
{
    /// <summary>Scans weights [outputs, inputs], row-major. Rows and columns beyond the matrix count as zero.</summary>
    public static BlockIndex Find<T>(ReadOnlySpan<T> weights, PackedFormat format, int outputs, int inputs) where T : struct, INumberBase<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputs, format.MaxInputs);
        if ((long)outputs * inputs != weights.Length)
            throw new ArgumentException($"Expected {outputs} x {inputs} weights, got {weights.Length}.", nameof(weights));

        var layout = PackedLayout.Of(format, outputs, inputs, 0);
        var starts = new uint[layout.Groups + 1];
        var indices = new List<ushort>();
        var occupied = new bool[layout.UnitsPerRow];
        for (var group = 0; group < layout.Groups; group++)
        {
            Array.Clear(occupied);
            var end = Math.Min(outputs, (group + 1) * PackedFormat.OutputsPerBlock);
            for (var output = group * PackedFormat.OutputsPerBlock; output < end; output++)
                Mark(weights.Slice(output * inputs, inputs), format.InputsPerBlock, occupied);
            for (var unit = 0; unit < occupied.Length; unit++)
            {
                if (occupied[unit])
                    indices.Add((ushort)unit);
            }

            starts[group + 1] = (uint)indices.Count;
        }

        return new(starts, [.. indices]);
    }

    private static void Mark<T>(ReadOnlySpan<T> row, int inputsPerBlock, bool[] occupied) where T : struct, INumberBase<T>
    {
        for (var input = 0; input < row.Length; input++)
        {
            if (!T.IsZero(row[input]))
                occupied[input / inputsPerBlock] = true;
        }
    }
}
