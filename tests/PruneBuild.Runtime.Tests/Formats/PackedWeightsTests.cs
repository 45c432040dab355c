using System.Buffers.Binary;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Formats;

/// <summary>Packed blobs are untrusted: whatever the bytes, an exception or a safe multiplication, never a read outside.</summary>
public sealed unsafe class PackedWeightsTests
{
    public static TheoryData<string> Formats => [.. PackedFormats.All.Select(format => format.Name)];

    private static byte[] Sample(string format) => new KernelCase(format, 21, 45, 1, 0.6, false, SparseActivation.None).Pack();

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_good_blob_says_what_it_holds(string format)
    {
        var packed = PackedWeights.Validate(Sample(format));
        Assert.Equal((format, 21, 45), (packed.Format.Name, packed.Outputs, packed.Inputs));
        Assert.Equal(packed, PackedWeights.Read(Sample(format)));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_truncation_is_refused(string format)
    {
        var blob = Sample(format);
        for (var length = 0; length < blob.Length; length++)
            Assert.Throws<InvalidDataException>(() => PackedWeights.Validate(blob.AsSpan(0, length)));
        Assert.Throws<InvalidDataException>(() => PackedWeights.Validate([.. blob, 0]));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_flipped_byte_is_refused(string format)
    {
        var blob = Sample(format);
        for (var at = 0; at < blob.Length; at++)
        {
            foreach (var mask in new byte[] { 0x01, 0x80, 0xFF })
            {
                blob[at] ^= mask;
                Assert.Throws<InvalidDataException>(() => PackedWeights.Validate(blob));
                blob[at] ^= mask;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_lying_structure_with_a_right_checksum_never_reaches_outside(string format)
    {
        var refused = 0;
        const int trials = 10_000;
        foreach (var blob in LyingWeights.Of(Sample(format), trials, seed: 7))
        {
            try
            {
                OpenAndMultiply(blob);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, trials / 20, trials);
    }

    [Theory]
    [InlineData(4, "version")]
    [InlineData(6, "format")]
    public void An_unknown_version_or_format_is_named(int field, string expected)
    {
        var blob = Sample(Block8x4Int8.FormatName);
        blob[field] = 99;
        Assert.Contains($"{expected} 99", Assert.Throws<InvalidDataException>(() => PackedWeights.Validate(blob)).Message);
    }

    [Fact]
    public void An_index_beyond_the_inputs_is_refused()
    {
        var blob = Sample(Block8x4Int8.FormatName);
        var packed = PackedWeights.Read(blob);
        BinaryPrimitives.WriteUInt16LittleEndian(blob.AsSpan((int)packed.Layout.Offset(1) + ((int)packed.Counts.Items - 1) * 2), 12); // 45 inputs: quads 0 to 11
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(PackedHeader.ChecksumAt), PackedHeader.Checksum(blob));
        Assert.Contains("block index", Assert.Throws<InvalidDataException>(() => PackedWeights.Validate(blob)).Message);
    }

    [Fact]
    public void Opening_a_matrix_validates_it()
    {
        var blob = Sample(Block8x1Float32.FormatName);
        blob[^1] ^= 1;
        Assert.Throws<InvalidDataException>(() => OpenAndMultiply(blob));
    }

    /// <summary>Multiplies with the shape the blob claims, and looks behind y.</summary>
    private static void OpenAndMultiply(byte[] blob) => KernelOracle.InPlace(blob, start =>
    {
        if (PackedFormats.Find(BinaryPrimitives.ReadUInt16LittleEndian(blob.AsSpan(6))) is { IsExecutable: false })
            return PackedWeights.Validate(blob) is not null;
        var matrix = SparseMatrix.Open(start, blob.Length, KernelRegistry.SelectTier());
        foreach (var rows in new[] { 1, 5, 18 })
        {
            var x = new float[rows * matrix.Packed.Inputs];
            var y = new float[rows * matrix.Packed.Outputs + 8];
            fixed (float* source = x, target = y)
                matrix.Multiply(source, rows, default, target, new SerialLoop());
            Assert.All(y.Skip(y.Length - 8), value => Assert.Equal(0, value));
        }

        return true;
    });
}
