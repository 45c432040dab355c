using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

/// <summary>One random multiplication. Everything follows from the numbers here, on every machine.</summary>
internal sealed record KernelCase(string Format, int Outputs, int Inputs, int Rows, double Sparsity, bool HasBias, SparseActivation Activation)
{
    private static readonly (int Outputs, int Inputs)[] Shapes = [(1, 1), (7, 3), (8, 4), (9, 5), (16, 64), (33, 130), (64, 257), (129, 96), (24, 700), (270, 72)];
    private static readonly int[] RowCounts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 33, 70];
    private static readonly double[] Sparsities = [0, 0.5, 0.8, 1];

    /// <summary>
    /// Ragged and whole shapes, batch sizes around every tile, and sparsities from none to all: every sparsity at three batch
    /// sizes, one at each other.
    /// </summary>
    public static IEnumerable<KernelCase> All(string format) =>
        from shape in Shapes
        from rows in RowCounts
        from sparsity in rows is 1 or 6 or 33 ? Sparsities : [Sparsities[(shape.Inputs + rows) % Sparsities.Length]]
        select new KernelCase(format, shape.Outputs, shape.Inputs, rows, sparsity, rows % 2 == 0, rows % 3 == 0 ? SparseActivation.Relu : SparseActivation.None);

    /// <summary>A seventh of them, over all shapes, batch sizes and sparsities: emulated CPUs are slow.</summary>
    public static IEnumerable<KernelCase> Sample(string format) => All(format).Where((_, i) => i % 7 == 0);

    public int Seed => Outputs * 7919 + Inputs * 104729 + Rows * 31 + (int)(Sparsity * 10);

    public PackedFormat Packed => PackedFormats.Find(Format)!;

    public bool HasResidual { get; init; }

    public float[] X() => Values(Rows * Inputs, Seed);

    public float[] Bias() => HasBias ? Values(Outputs, Seed + 1) : [];

    public float[] Residual() => HasResidual ? Values(Rows * Outputs, Seed + 5) : [];

    /// <summary>Weights with zeros in the format's own pattern.</summary>
    public float[] FloatWeights()
    {
        var weights = Values(Outputs * Inputs, Seed + 3);
        var keeps = Pattern(Packed.Pattern, new Random(Seed + 2));
        for (var i = 0; i < weights.Length; i++)
            weights[i] = keeps(i / Inputs, i % Inputs) ? weights[i] : 0;
        return weights;
    }

    /// <summary>The whole range of int8, -128 and 127 included.</summary>
    public sbyte[] Int8Weights() => [.. FloatWeights().Select(weight => (sbyte)Math.Clamp(Math.Round(weight * 140), -128, 127))];

    public float[] Scales() => [.. Values(Outputs, Seed + 4).Select(value => Math.Abs(value) / 100)];

    public WeightMatrix Weights() => Packed.Precision == WeightPrecision.EightBit
        ? WeightMatrix.FromInt8(Int8Weights(), Scales(), Outputs, Inputs)
        : WeightMatrix.FromSingles(FloatWeights(), Outputs, Inputs);

    public byte[] Pack() => Packed.Pack(Weights());

    private Func<int, int, bool> Pattern(string pattern, Random random)
    {
        if (pattern.Split('x') is [var rows, var columns])
        {
            var (height, width) = (int.Parse(rows), int.Parse(columns));
            var kept = Draw((Outputs + height - 1) / height, (Inputs + width - 1) / width, random);
            return (output, input) => kept[output / height, input / width];
        }

        var mask = Draw(Outputs, Inputs, random);
        if (pattern.Split(':') is [var n, var m])
        {
            var (most, window) = (int.Parse(n), int.Parse(m));
            for (var output = 0; output < Outputs; output++)
            {
                for (var first = 0; first < Inputs; first += window)
                {
                    // Random positions lose, not always the last ones.
                    foreach (var input in Enumerable.Range(first, Math.Min(window, Inputs - first)).Where(input => mask[output, input]).OrderBy(_ => random.Next()).Skip(most).ToList())
                        mask[output, input] = false;
                }
            }
        }

        return (output, input) => mask[output, input];
    }

    private bool[,] Draw(int rows, int columns, Random random)
    {
        var kept = new bool[rows, columns];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                kept[row, column] = random.NextDouble() >= Sparsity;
        }

        return kept;
    }

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
            value = random.NextSingle() * 2 - 1;
        return values;
    }
}
