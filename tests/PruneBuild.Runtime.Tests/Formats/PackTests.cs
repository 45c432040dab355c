using CsCheck;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Formats;

public sealed class PackTests
{
    private static readonly Gen<(int Outputs, int Inputs, int Seed, double Density)> Shapes =
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 70], Gen.Int[0, 1000], Gen.Double[0, 1]);

    public static TheoryData<string> Formats => [.. PackedFormats.All.Select(format => format.Name)];

    public static TheoryData<string> FloatFormats =>
        [.. PackedFormats.All.Where(format => format.Precision == WeightPrecision.FullPrecision).Select(format => format.Name)];

    public static TheoryData<string> Int8Formats =>
        [.. PackedFormats.All.Where(format => format.Precision == WeightPrecision.EightBit).Select(format => format.Name)];

    private static KernelCase Case(string format, (int Outputs, int Inputs, int Seed, double Density) shape) =>
        new(format, shape.Outputs, shape.Inputs, shape.Seed, 1 - shape.Density, false, SparseActivation.None);

    [Theory]
    [MemberData(nameof(Int8Formats))]
    public void Int8_unpacks_to_what_was_packed(string format) => Shapes.Sample(shape =>
    {
        var test = Case(format, shape);
        var unpacked = test.Packed.Unpack(test.Pack());
        Assert.Equal(test.Int8Weights().Select(weight => (int)weight), unpacked.Integers);
        Assert.Equal(test.Scales(), unpacked.Scales);
    }, iter: 50);

    [Theory]
    [MemberData(nameof(FloatFormats))]
    public void Float32_unpacks_to_what_was_packed(string format) => Shapes.Sample(shape =>
    {
        var test = Case(format, shape);
        Assert.Equal(test.FloatWeights(), test.Packed.Unpack(test.Pack()).ToSingles());
    }, iter: 50);

    [Theory]
    [MemberData(nameof(Formats))]
    public void Zeros_stay_zeros_and_the_rest_stays_near(string format) => Shapes.Sample(shape =>
    {
        var test = Case(format, shape);
        var weights = test.FloatWeights();
        var unpacked = test.Packed.Unpack(test.Packed.Pack(WeightMatrix.FromSingles(weights, test.Outputs, test.Inputs))).ToSingles();
        var step = test.Packed.Precision switch { WeightPrecision.FourBit => 1 / 7.0, WeightPrecision.EightBit => 1 / 127.0, _ => 0 };
        for (var i = 0; i < weights.Length; i++)
        {
            Assert.True(weights[i] != 0 || unpacked[i] == 0, "A pruned weight came back.");
            // Rounding to the nearest level of the largest magnitude, 1; the scale of a run is itself rounded up by a step of 1/8191 at most.
            Assert.InRange(unpacked[i] - weights[i], -0.51 * step - 1e-3 * step, 0.51 * step + 1e-3 * step);
        }
    }, iter: 50);

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_planner_knows_the_size_beforehand(string format) => Shapes.Sample(shape =>
    {
        var test = Case(format, shape);
        var fit = test.Packed.Measure(test.Weights());
        Assert.Null(fit.Obstacle);
        Assert.Equal(test.Pack().Length, test.Packed.PackedBytes(test.Outputs, test.Inputs, fit.Counts));
    }, iter: 50);

    [Theory]
    [MemberData(nameof(Formats))]
    public void Expected_counts_are_near_those_of_random_weights_of_that_sparsity(string format)
    {
        foreach (var sparsity in new[] { 0, 0.5, 0.9 })
        {
            var test = new KernelCase(format, 512, 512, 1, sparsity, false, SparseActivation.None);
            var fit = test.Packed.Measure(test.Weights());
            var expected = test.Packed.PackedBytes(512, 512, test.Packed.ExpectedCounts(512, 512, fit.Sparsity));
            Assert.InRange(test.Pack().Length / (double)expected, 0.9, 1.1);
        }
    }

    [Fact]
    public void Only_blocks_with_a_non_zero_are_stored()
    {
        var weights = new sbyte[16 * 12];
        weights[3 * 12 + 5] = 1;   // group 0, quad 1
        weights[3 * 12 + 4] = -1;  // the same block: the sum of a block says nothing
        weights[15 * 12 + 11] = 9; // group 1, quad 2
        var matrix = WeightMatrix.FromInt8(weights, new float[16], 16, 12);
        Assert.Equal(2, PackedWeights.Validate(Block8x4Int8.Format.Pack(matrix)).Counts.Items);
        Assert.Equal(2, Block8x4Int8.Format.Measure(matrix).Counts.Items);
    }

    [Fact]
    public void A_negative_zero_is_a_zero_and_a_NaN_is_not()
    {
        Assert.Equal(0, Block8x1Float32.Format.Measure(WeightMatrix.FromSingles([-0f, 0f], 1, 2)).Counts.Items);
        Assert.Equal(1, Block8x1Float32.Format.Measure(WeightMatrix.FromSingles([float.NaN, 0f], 1, 2)).Counts.Items);
    }

    [Fact]
    public void At_80_percent_sparsity_int8_blocks_take_about_a_fifth_of_dense_int8()
    {
        var format = Block8x4Int8.Format;
        Assert.InRange(format.PackedBytes(4096, 4096, format.ExpectedCounts(4096, 4096, 0.8)) / (4096.0 * 4096), 0.2, 0.22);
    }

    [Fact]
    public void A_layer_too_wide_for_16_bit_indexes_is_refused()
    {
        var matrix = WeightMatrix.FromSingles(new float[65537], 1, 65537);
        Assert.Throws<ArgumentException>(() => Block8x1Float32.Format.Pack(matrix));
        Assert.NotNull(Block8x1Float32.Format.Measure(matrix).Obstacle);
    }

    [Theory]
    [InlineData(Window2Of4Float32.FormatName)]
    [InlineData(Window1Of8Float32.FormatName)]
    [InlineData(Window2Of8Float32.FormatName)]
    [InlineData(Window4Of8Float32.FormatName)]
    public void Weights_that_crowd_a_window_are_refused_where_they_do(string format)
    {
        var packed = PackedFormats.Find(format)!;
        var slots = int.Parse(packed.Pattern.Split(':')[0]);
        var weights = new float[2 * 24];
        weights.AsSpan(24 + 8, slots).Fill(1);
        Assert.Null(packed.Measure(WeightMatrix.FromSingles(weights, 2, 24)).Obstacle);
        weights[24 + 8 + slots] = 1;
        var crowded = WeightMatrix.FromSingles(weights, 2, 24);
        Assert.Contains("output 1", packed.Measure(crowded).Obstacle);
        Assert.Contains("from 8 on", packed.Measure(crowded).Obstacle);
        Assert.Throws<ArgumentException>(() => packed.Pack(crowded));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_last_input_a_format_reaches_is_packed(string format)
    {
        var packed = PackedFormats.Find(format)!;
        var inputs = Math.Min(packed.MaxInputs, 1 << 18);
        var weights = new float[inputs];
        weights[^1] = 3;
        var unpacked = packed.Unpack(packed.Pack(WeightMatrix.FromSingles(weights, 1, inputs))).ToSingles();
        Assert.Equal(3, unpacked[^1], 3e-3);
        Assert.DoesNotContain(unpacked[..^1], weight => weight != 0);
    }

    [Fact]
    public void The_widest_integer_layers_do_not_overflow_their_sums()
    {
        const int inputs = 4 * 65536;
        var x = new float[inputs];
        Array.Fill(x, 1f);
        var y = new float[1];
        var int8 = new sbyte[inputs];
        Array.Fill(int8, (sbyte)-128);
        Block8x4Int8.Format.Reference(Block8x4Int8.Format.Pack(WeightMatrix.FromInt8(int8, [1], 1, inputs)), x, 1, default, y);
        Assert.Equal(-128.0 * inputs, y[0], 128.0 * inputs * 1e-6);
        var singles = new float[inputs];
        Array.Fill(singles, -0.8f);
        Block8x4Int4.Format.Reference(Block8x4Int4.Format.Pack(WeightMatrix.FromSingles(singles, 1, inputs)), x, 1, default, y);
        Assert.Equal(-0.8 * inputs, y[0], 0.8 * inputs * 1e-5);
    }

    [Fact]
    public void Scales_must_be_finite_and_one_per_output()
    {
        Assert.Throws<ArgumentException>(() => WeightMatrix.FromInt8([1, 2], [float.NaN], 1, 2));
        Assert.Throws<ArgumentException>(() => WeightMatrix.FromInt8([1, 2], [1, 1], 1, 2));
        Assert.Throws<ArgumentException>(() => WeightMatrix.FromInt8([1, 2, 3], [1], 1, 2));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Weights_that_are_not_finite_are_never_quantized(string format)
    {
        var packed = PackedFormats.Find(format)!;
        if (packed.Precision != WeightPrecision.FullPrecision)
            Assert.Throws<ArgumentException>(() => packed.Pack(WeightMatrix.FromSingles([1, float.NaN, float.PositiveInfinity, 1], 1, 4)));
    }

    [Fact]
    public void A_format_does_not_unpack_the_blob_of_another() =>
        Assert.Throws<InvalidDataException>(() => Block8x1Float32.Format.Unpack(Block8x4Int8.Format.Pack(WeightMatrix.FromInt8([1], [1], 1, 1))));
}
