using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

public sealed class ZeroPatternTests
{
    [Theory]
    [InlineData("8x4", "8x4", true)]
    [InlineData("8x1", "8x4", true)]
    [InlineData("4x1", "8x4", true)]
    [InlineData("16x1", "8x4", false)]
    [InlineData("8x4", "8x1", false)]
    [InlineData("unstructured", "8x4", true)]
    [InlineData("unstructured", "2:4", true)]
    [InlineData("8x4", "unstructured", false)]
    [InlineData("2:4", "2:4", true)]
    [InlineData("8:16", "2:4", true)]
    [InlineData("2:4", "8:16", false)]
    [InlineData("4:16", "2:4", false)]
    [InlineData("8:16", "1:4", true)]
    [InlineData("2:4", "8x4", false)]
    public void Kernels_skip_the_zeros_of_finer_structure(string kernel, string pruned, bool skips) =>
        Assert.Equal(skips, ZeroPattern.Parse(kernel).SkipsZerosOf(ZeroPattern.Parse(pruned)));

    [Theory]
    [InlineData("8x")]
    [InlineData("4")]
    [InlineData("")]
    [InlineData("0x4")]
    [InlineData("a:b")]
    public void Anything_else_is_an_argument_error(string text) => Assert.Throws<ArgumentException>(() => ZeroPattern.Parse(text));

    [Fact]
    public void Every_packed_format_has_a_pattern() =>
        Assert.All(PackedFormats.All, format => Assert.Equal(format.Pattern, ZeroPattern.Parse(format.Pattern).Text));

    [Fact]
    public void Assumed_blocks_pack_to_the_bytes_of_real_ones()
    {
        var matrix = new Matrix(512, 1024, blockSparsity: 0.75);
        var measured = new MeasuredZeros(WeightMatrix.FromInt8(matrix.Quantized, matrix.Scales, 512, 1024)).Of(Block8x4Int8.Format);
        var assumed = new AssumedZeros(ZeroPattern.Parse("8x4"), 0.75, 512, 1024).Of(Block8x4Int8.Format);

        Assert.Null(assumed.Obstacle);
        Assert.Equal(0.75, assumed.Sparsity);
        Assert.InRange(
            Block8x4Int8.Format.PackedBytes(512, 1024, assumed.Counts) / (double)Block8x4Int8.Format.PackedBytes(512, 1024, measured.Counts), 0.97, 1.03);
    }
}
