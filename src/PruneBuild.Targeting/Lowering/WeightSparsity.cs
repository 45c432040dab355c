using System.Numerics;

namespace PruneBuild.Targeting;

/// <summary>How much of a weight matrix is zero, by the patterns that kernels can skip. Fractions, 0 to 1.</summary>
/// <param name="Elements">Zero elements.</param>
/// <param name="Blocks8x4">Blocks of 8 outputs by 4 inputs that are all zero; a block over the edge counts as one.</param>
/// <param name="Blocks8x1">Blocks of 8 outputs by 1 input that are all zero; a block over the edge counts as one.</param>
public sealed record WeightSparsity(double Elements, double Blocks8x4, double Blocks8x1)
{
    private const int GroupOutputs = 8;

    /// <summary>Measures a matrix [outputs, inputs], row-major.</summary>
    /// <exception cref="ArgumentException">The matrix is empty or does not fill its shape.</exception>
    public static WeightSparsity Measure<T>(ReadOnlySpan<T> matrix, int outputs, int inputs) where T : INumber<T>
    {
        if (matrix.IsEmpty || matrix.Length != (long)outputs * inputs)
            throw new ArgumentException($"{matrix.Length} weights do not fill [{outputs}, {inputs}].", nameof(matrix));
        long zeros = 0, zeroQuads = 0, zeroColumns = 0;
        var isZero = new bool[inputs];
        for (var group = 0; group < outputs; group += GroupOutputs)
        {
            Array.Fill(isZero, true);
            for (var output = group; output < Math.Min(outputs, group + GroupOutputs); output++)
            {
                var row = matrix.Slice(output * inputs, inputs);
                for (var input = 0; input < inputs; input++)
                {
                    if (T.IsZero(row[input]))
                        zeros++;
                    else
                        isZero[input] = false;
                }
            }

            zeroColumns += isZero.Count(zero => zero);
            zeroQuads += isZero.Chunk(4).Count(quad => quad.All(zero => zero));
        }

        double groups = (outputs + GroupOutputs - 1) / GroupOutputs;
        return new WeightSparsity(
            (double)zeros / matrix.Length, zeroQuads / (groups * ((inputs + 3) / 4)), zeroColumns / (groups * inputs));
    }
}
