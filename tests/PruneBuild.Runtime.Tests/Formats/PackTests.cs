using CsCheck;
using PruneBuild.Runtime;

namespace PruneBuild.Tests.Formats;

public sealed class PackTests
{
    private static readonly Gen<(int Outputs, int Inputs, int Seed, double Density)> Shapes =
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[0, 1000], Gen.Double[0, 1]);

    [Fact]
    public void Int8_unpacks_to_what_was_packed() => Shapes.Sample(shape =>
    {
        var random = new Random(shape.Seed);
        var weights = Enumerable.Range(0, shape.Outputs * shape.Inputs).Select(_ => random.NextDouble() < shape.Density ? (sbyte)random.Next(-128, 128) : (sbyte)0).ToArray();
        var scales = Enumerable.Range(0, shape.Outputs).Select(_ => random.NextSingle()).ToArray();
        var (unpacked, unpackedScales) = Block8x4Int8.Unpack(Block8x4Int8.Pack(weights, scales, shape.Outputs, shape.Inputs));
        Assert.Equal(weights, unpacked);
        Assert.Equal(scales, unpackedScales);
    });

    [Fact]
    public void Float32_unpacks_to_what_was_packed() => Shapes.Sample(shape =>
    {
        var random = new Random(shape.Seed);
        var weights = Enumerable.Range(0, shape.Outputs * shape.Inputs).Select(_ => random.NextDouble() < shape.Density ? random.NextSingle() - 0.5f : 0).ToArray();
        Assert.Equal(weights, Block8x1Float32.Unpack(Block8x1Float32.Pack(weights, shape.Outputs, shape.Inputs)));
    });

    [Fact]
    public void Only_blocks_with_a_non_zero_are_stored()
    {
        var weights = new sbyte[16 * 12];
        weights[3 * 12 + 5] = 1;   // group 0, quad 1
        weights[3 * 12 + 4] = -1;  // the same block: the sum of a block says nothing
        weights[15 * 12 + 11] = 9; // group 1, quad 2
        var packed = PackedWeights.Validate(Block8x4Int8.Pack(weights, new float[16], 16, 12));
        Assert.Equal(2, packed.Blocks);
        Assert.Equal(2, Block8x4Int8.CountBlocks(weights, 16, 12));
    }

    [Fact]
    public void A_negative_zero_is_a_zero_and_a_NaN_is_not()
    {
        Assert.Equal(0, Block8x1Float32.CountBlocks([-0f, 0f], 1, 2));
        Assert.Equal(1, Block8x1Float32.CountBlocks([float.NaN, 0f], 1, 2));
    }

    [Fact]
    public void The_planner_knows_the_size_beforehand() => Shapes.Sample(shape =>
    {
        var random = new Random(shape.Seed);
        var weights = Enumerable.Range(0, shape.Outputs * shape.Inputs).Select(_ => random.NextDouble() < shape.Density ? 1f : 0).ToArray();
        var quantized = weights.Select(weight => (sbyte)weight).ToArray();
        Assert.Equal(
            Block8x1Float32.Pack(weights, shape.Outputs, shape.Inputs).Length,
            Block8x1Float32.PackedSize(shape.Outputs, shape.Inputs, Block8x1Float32.CountBlocks(weights, shape.Outputs, shape.Inputs)));
        Assert.Equal(
            Block8x4Int8.Pack(quantized, new float[shape.Outputs], shape.Outputs, shape.Inputs).Length,
            Block8x4Int8.PackedSize(shape.Outputs, shape.Inputs, Block8x4Int8.CountBlocks(quantized, shape.Outputs, shape.Inputs)));
    });

    [Fact]
    public void At_80_percent_sparsity_int8_blocks_take_about_a_fifth_of_dense_int8()
    {
        var blocks = 512 * 1024 / 5;
        Assert.InRange(Block8x4Int8.PackedSize(4096, 4096, blocks) / (4096.0 * 4096), 0.2, 0.22);
    }

    [Fact]
    public void A_layer_too_wide_for_16_bit_indexes_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Block8x1Float32.Pack(new float[65537], 1, 65537));

    [Fact]
    public void The_widest_layer_of_a_format_is_packed()
    {
        var weights = new float[65536];
        weights[^1] = 3;
        Assert.Equal(weights, Block8x1Float32.Unpack(Block8x1Float32.Pack(weights, 1, 65536)));
        var quantized = new sbyte[4 * 65536];
        quantized[^1] = 3;
        Assert.Equal(quantized, Block8x4Int8.Unpack(Block8x4Int8.Pack(quantized, [1], 1, 4 * 65536)).Weights);
    }

    [Fact]
    public void The_widest_int8_layer_does_not_overflow_its_sums()
    {
        const int inputs = 4 * 65536;
        var weights = new sbyte[inputs];
        Array.Fill(weights, (sbyte)-128);
        var x = new float[inputs];
        Array.Fill(x, 1f);
        var y = new float[1];
        Block8x4Int8.Reference(Block8x4Int8.Pack(weights, [1], 1, inputs), x, 1, [], SparseActivation.None, y);
        Assert.Equal(-128.0 * inputs, y[0], 128.0 * inputs * 1e-6);
    }

    [Fact]
    public void Scales_must_be_finite_and_one_per_output()
    {
        Assert.Throws<ArgumentException>(() => Block8x4Int8.Pack([1, 2], [float.NaN], 1, 2));
        Assert.Throws<ArgumentException>(() => Block8x4Int8.Pack([1, 2], [1, 1], 1, 2));
        Assert.Throws<ArgumentException>(() => Block8x4Int8.Pack([1, 2, 3], [1], 1, 2));
    }

    [Fact]
    public void A_format_does_not_unpack_the_blob_of_another() =>
        Assert.Throws<InvalidDataException>(() => Block8x1Float32.Unpack(Block8x4Int8.Pack([1], [1], 1, 1)));
}
