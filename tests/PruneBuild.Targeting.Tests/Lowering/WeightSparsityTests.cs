using CsCheck;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

public sealed class WeightSparsityTests
{
    [Fact]
    public void One_weight_leaves_one_block_of_each_pattern()
    {
        var matrix = new float[16 * 8];
        matrix[9 * 8 + 5] = 1;

        Assert.Equal(new WeightSparsity(127 / 128.0, 3 / 4.0, 15 / 16.0), WeightSparsity.Measure<float>(matrix, 16, 8));
    }

    [Fact]
    public void Zero_blocks_are_those_the_packers_leave_out()
    {
        var matrices = Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Double[0, 1], Gen.Int[0, 1000]);

        matrices.Sample((outputs, inputs, sparsity, seed) =>
        {
            var matrix = new Matrix(outputs, inputs, sparsity, seed: seed);
            var measured = WeightSparsity.Measure<sbyte>(matrix.Quantized, outputs, inputs);
            var quantized = WeightMatrix.FromInt8(matrix.Quantized, matrix.Scales, outputs, inputs);
            var singles = WeightMatrix.FromSingles(matrix.Values, outputs, inputs);
            return Math.Abs(measured.Blocks8x4 - Block8x4Int8.Format.Measure(quantized).Sparsity) < 1e-12
                && Math.Abs(measured.Blocks8x1 - Block8x1Float32.Format.Measure(singles).Sparsity) < 1e-12;
        }, iter: 300);
    }

    [Fact]
    public void A_matrix_that_does_not_fill_its_shape_is_an_argument_error() =>
        Assert.Throws<ArgumentException>(() => WeightSparsity.Measure<float>(new float[7], 2, 4));
}
