using CsCheck;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Formats;

/// <summary>Ready levels are packed as they are.</summary>
public sealed class WeightLevelsTests
{
    private static readonly Gen<(int Outputs, int Inputs, int Seed, double Density)> Shapes =
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 300], Gen.Int[0, 1000], Gen.Double[0, 1]);

    public static TheoryData<string> Formats =>
        [.. PackedFormats.All.Where(format => format.Precision != WeightPrecision.FullPrecision).Select(format => format.Name)];

    public static TheoryData<string> Int4Formats =>
        [.. PackedFormats.All.Where(format => format.Precision == WeightPrecision.FourBit).Select(format => format.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Any_levels_and_scales_come_back_exactly(string format) => Shapes.Sample(shape =>
    {
        var (packed, weights) = Case(format, shape);
        var levels = Drawn(packed.Runs(weights), new Random(shape.Seed));
        Assert.Equal(levels.ToSingles(), packed.Unpack(packed.Pack(levels)).ToSingles());
    }, iter: 40);

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_nearest_levels_are_what_packing_rounds_to(string format) => Shapes.Sample(shape =>
    {
        var (packed, weights) = Case(format, shape);
        var nearest = packed.Pack(WeightLevels.Nearest(weights.Singles, packed.Runs(weights)));
        Assert.Equal(packed.Unpack(packed.Pack(weights)).ToSingles(), packed.Unpack(nearest).ToSingles());
    }, iter: 20);

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_run_holds_stored_weights_only_and_its_scale_reaches_them(string format) => Shapes.Sample(shape =>
    {
        var (packed, weights) = Case(format, shape);
        var runs = packed.Runs(weights);
        var scales = runs.Cover(weights.Singles);
        var sizes = new Dictionary<(int, int), int>();
        for (var at = 0; at < runs.Of.Length; at++)
        {
            var (output, weight) = (at / runs.Inputs, weights.Singles![at]);
            Assert.Equal(weight == 0, runs.Of[at] == ScaleRuns.None);
            if (weight == 0)
                continue;
            var scale = scales.Of(output, runs.Of[at]);
            sizes[(output, runs.Of[at])] = sizes.GetValueOrDefault((output, runs.Of[at])) + 1;
            Assert.InRange(weight / scale, runs.Lowest - 0.01, runs.Highest + 0.01);
        }
        Assert.All(sizes.Values, size => Assert.InRange(size, 1, runs.IsTwoLevel ? ScaleRuns.RunWeights : runs.Inputs));
    }, iter: 20);

    [Theory]
    [MemberData(nameof(Formats))]
    public void All_zero_and_constant_runs(string format)
    {
        var packed = PackedFormats.Find(format)!;
        // One weight in sixteen obeys every pattern.
        foreach (var value in new[] { 0f, 0.3f, -0.3f, 1e-30f })
        {
            var weights = new float[9 * 200];
            for (var at = 0; at < weights.Length; at += 16)
                weights[at] = at / 200 == 4 ? 0 : value;
            var matrix = WeightMatrix.FromSingles(weights, 9, 200);
            var unpacked = packed.Unpack(packed.Pack(WeightLevels.Nearest(weights, packed.Runs(matrix)))).ToSingles();
            for (var at = 0; at < weights.Length; at++)
                Assert.Equal(weights[at], unpacked[at], Math.Abs(value) * 2e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Int4Formats))]
    public void The_side_with_one_level_more_is_the_one_that_needs_it(string format)
    {
        var packed = PackedFormats.Find(format)!;
        foreach (var sign in new[] { 1, -1 })
        {
            float[] weights = [sign * 0.8f, sign * -0.7f, 0, 0];
            var levels = WeightLevels.Nearest(weights, packed.Runs(WeightMatrix.FromSingles(weights, 1, 4)));
            Assert.Equal([(sbyte)-8, (sbyte)7, (sbyte)0, (sbyte)0], levels.Levels);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Levels_that_do_not_fit_are_refused(string format)
    {
        var packed = PackedFormats.Find(format)!;
        var weights = new float[8 * 64];
        for (var at = 0; at < weights.Length; at += 4)
            weights[at] = 1;
        var good = WeightLevels.Nearest(weights, packed.Runs(WeightMatrix.FromSingles(weights, 8, 64)));
        void Refused(WeightLevels levels) => Assert.Throws<ArgumentException>(() => packed.Pack(levels));
        T[] With<T>(T[] values, int at, T value)
        {
            var copy = (T[])values.Clone();
            copy[at] = value;
            return copy;
        }
        Assert.NotEmpty(packed.Pack(good));
        Refused(good with { Levels = With(good.Levels, 1, (sbyte)1) });
        Refused(good with { Levels = With(good.Levels, 0, sbyte.MinValue) });
        Refused(good with { Levels = good.Levels[1..] });
        Refused(good with { Scales = good.Scales with { Outputs = With(good.Scales.Outputs, 3, float.NaN) } });
        Refused(good with { Scales = good.Scales with { Integers = With(good.Scales.Integers, 0, (short)8192) } });
        Refused(good with { Scales = good.Scales with { Integers = good.Scales.Integers[1..] } });
        Refused(good with { Runs = good.Runs with { Of = With(good.Runs.Of, 0, (short)7) } });
        Refused(good with { Runs = good.Runs with { IsTwoLevel = !good.Runs.IsTwoLevel } });
    }

    [Fact]
    public void Sums_that_could_overflow_are_refused()
    {
        var weights = new float[8192];
        Array.Fill(weights, -1);
        var levels = WeightLevels.Nearest(weights, Block8x4Int4.Format.Runs(WeightMatrix.FromSingles(weights, 1, weights.Length)));
        Array.Fill(levels.Scales.Integers, (short)8191);
        Assert.Throws<ArgumentException>(() => Block8x4Int4.Format.Pack(levels));
    }

    [Fact]
    public void Float_formats_have_no_scales()
    {
        var weights = WeightMatrix.FromSingles(new float[32], 8, 4);
        var levels = WeightLevels.Nearest(new float[32], Block8x4Int8.Format.Runs(weights));
        Assert.Throws<ArgumentException>(() => Block8x1Float32.Format.Runs(weights));
        Assert.Throws<ArgumentException>(() => Block8x1Float32.Format.Pack(levels));
    }

    private static (PackedFormat Format, WeightMatrix Weights) Case(string format, (int Outputs, int Inputs, int Seed, double Density) shape)
    {
        var test = new KernelCase(format, shape.Outputs, shape.Inputs, shape.Seed, 1 - shape.Density, false, SparseActivation.None);
        return (test.Packed, WeightMatrix.FromSingles(test.FloatWeights(), shape.Outputs, shape.Inputs));
    }

    /// <summary>Levels of the whole range, 0 among them, and scales of both signs.</summary>
    private static WeightLevels Drawn(ScaleRuns runs, Random random)
    {
        float Signed() => ((random.NextSingle() * 2) - 1) / 100;
        return new(
            runs,
            Array.ConvertAll(runs.Of, run => run == ScaleRuns.None ? (sbyte)0 : (sbyte)random.Next(runs.Lowest, runs.Highest + 1)),
            new RunScales(
                [.. Enumerable.Range(0, runs.Outputs).Select(_ => Signed())],
                [.. Enumerable.Range(0, runs.Outputs * runs.PerOutput).Select(_ => (short)(runs.IsTwoLevel ? random.Next(-8191, 8192) : 1))],
                runs.PerOutput));
    }
}
