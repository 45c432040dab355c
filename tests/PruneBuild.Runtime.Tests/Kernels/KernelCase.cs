using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

/// <summary>One random multiplication. Everything follows from the numbers here, on every machine.</summary>
internal sealed record KernelCase(string Format, int Outputs, int Inputs, int Rows, double Sparsity, bool HasBias, SparseActivation Activation)
{
    private static readonly (int Outputs, int Inputs)[] Shapes = [(1, 1), (7, 3), (8, 4), (9, 5), (16, 64), (33, 130), (64, 257), (129, 96)];
    private static readonly int[] RowCounts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 33];

    /// <summary>Ragged and whole shapes, batch sizes around the tile of four, and sparsities from none to all.</summary>
    public static IEnumerable<KernelCase> All(string format) =>
        from shape in Shapes
        from rows in RowCounts
        from sparsity in new[] { 0, 0.5, 0.8, 1 }
        select new KernelCase(format, shape.Outputs, shape.Inputs, rows, sparsity, rows % 2 == 0, rows % 3 == 0 ? SparseActivation.Relu : SparseActivation.None);

    public int Seed => Outputs * 7919 + Inputs * 104729 + Rows * 31 + (int)(Sparsity * 10);

    public float[] X() => Values(Rows * Inputs, Seed);

    public float[] Bias() => HasBias ? Values(Outputs, Seed + 1) : [];

    /// <summary>Weights with whole 8 x (4 or 1) blocks at zero.</summary>
    public float[] FloatWeights()
    {
        var random = new Random(Seed + 2);
        var width = PackedFormat.Find(Format)!.InputsPerBlock;
        var kept = new bool[(Outputs + 7) / 8, (Inputs + width - 1) / width];
        for (var group = 0; group < kept.GetLength(0); group++)
        {
            for (var unit = 0; unit < kept.GetLength(1); unit++)
                kept[group, unit] = random.NextDouble() >= Sparsity;
        }

        var weights = Values(Outputs * Inputs, Seed + 3);
        for (var i = 0; i < weights.Length; i++)
            weights[i] = kept[i / Inputs / 8, i % Inputs / width] ? weights[i] : 0;
        return weights;
    }

    /// <summary>The whole range of int8, -128 and 127 included.</summary>
    public sbyte[] Int8Weights() => [.. FloatWeights().Select(weight => (sbyte)Math.Clamp(Math.Round(weight * 140), -128, 127))];

    public float[] Scales() => [.. Values(Outputs, Seed + 4).Select(value => Math.Abs(value) / 100)];

    public byte[] Pack() => Format == Block8x4Int8.Name
        ? Block8x4Int8.Pack(Int8Weights(), Scales(), Outputs, Inputs)
        : Block8x1Float32.Pack(FloatWeights(), Outputs, Inputs);

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
            value = random.NextSingle() * 2 - 1;
        return values;
    }
}
