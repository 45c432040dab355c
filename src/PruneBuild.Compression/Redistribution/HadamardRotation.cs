using System.Numerics;

namespace PruneBuild.Compression.Redistribution;

/// <summary>
/// Mixes features by a random orthogonal matrix, so that no input or output stands out (QuaRot): H ⊗ R with H a Hadamard matrix of the
/// largest power of two that divides the size, its columns with random signs, and R an orthogonal matrix of the odd rest.
/// </summary>
public sealed class HadamardRotation : StreamRotation
{
    private const int Seed = 1;

    /// <inheritdoc/>
    public override string Name => "hadamard";

    /// <inheritdoc/>
    public override bool NeedsStatistics => false;

    private protected override double[]? Map(double[]? moment, int size, int seed)
    {
        var random = new Random(Seed + seed);
        var even = 1 << BitOperations.TrailingZeroCount(size);
        var odd = size / even;
        var rest = Orthogonal(odd, random);
        var signs = Enumerable.Range(0, size).Select(_ => random.Next(2) == 0 ? 1 : -1).ToArray();
        var map = new double[(long)size * size];
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                // Sylvester's matrix: the sign is the parity of the common bits.
                var sign = BitOperations.PopCount((uint)(row / odd & (column / odd))) % 2 == 0 ? 1 : -1;
                map[((long)row * size) + column] = signs[column] * sign * rest[(row % odd * odd) + (column % odd)] / Math.Sqrt(even);
            }
        }
        return map;
    }

    /// <summary>Gram-Schmidt, twice, of random rows.</summary>
    private static double[] Orthogonal(int size, Random random)
    {
        var rows = new double[size * size];
        for (var row = 0; row < size; row++)
        {
            var current = rows.AsSpan(row * size, size);
            foreach (ref var element in current)
                element = random.NextDouble() - 0.5;
            for (var pass = 0; pass < 2; pass++)
            {
                for (var other = 0; other < row; other++)
                {
                    var before = rows.AsSpan(other * size, size);
                    var common = System.Numerics.Tensors.TensorPrimitives.Dot<double>(before, current);
                    for (var element = 0; element < size; element++)
                        current[element] -= common * before[element];
                }
                var norm = Math.Sqrt(System.Numerics.Tensors.TensorPrimitives.SumOfSquares<double>(current));
                foreach (ref var element in current)
                    element /= norm;
            }
        }
        return rows;
    }
}
