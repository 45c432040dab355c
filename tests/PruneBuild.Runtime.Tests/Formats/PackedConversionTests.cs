using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Formats;

public sealed unsafe class PackedConversionTests
{
    [Theory]
    [InlineData(BitmapFloat32.FormatName, CsrFloat32.FormatName)]
    [InlineData(BitmapFloat32.FormatName, Block4x1Float32.FormatName)]
    [InlineData(BitmapInt8.FormatName, CsrInt8Float32.FormatName)]
    [InlineData(BitmapInt8.FormatName, Block8x4Int8.FormatName)]
    public void A_transported_blob_becomes_the_blob_that_packing_would_have_made(string transport, string format)
    {
        var test = new KernelCase(transport, 21, 45, 1, 0.6, false, SparseActivation.None);
        Assert.Equal(PackedFormats.Find(format)!.Pack(test.Weights()), PackedConversion.To(test.Pack(), format));
    }

    [Fact]
    public void A_transported_blob_does_not_run()
    {
        var blob = new KernelCase(BitmapFloat32.FormatName, 21, 45, 1, 0.6, false, SparseActivation.None).Pack();
        Assert.Throws<InvalidDataException>(() => KernelOracle.InPlace(blob, start => Open(start, blob.Length)));
    }

    [Fact]
    public void A_damaged_blob_or_an_unknown_format_is_refused()
    {
        var blob = new KernelCase(BitmapFloat32.FormatName, 21, 45, 1, 0.6, false, SparseActivation.None).Pack();
        Assert.Throws<ArgumentException>(() => PackedConversion.To(blob, "csr.float16"));
        blob[^1] ^= 1;
        Assert.Throws<InvalidDataException>(() => PackedConversion.To(blob, CsrFloat32.FormatName));
        Assert.Throws<InvalidDataException>(() => PackedConversion.To(blob, BitmapFloat32.FormatName));
    }

    [Theory]
    [InlineData(0.5, true)]
    [InlineData(0.88, true)]
    [InlineData(0.95, false)]
    public void A_bitmap_is_the_smaller_download_up_to_88_percent_sparsity(double sparsity, bool isSmaller) =>
        Assert.Equal(isSmaller, Bytes(BitmapFloat32.Format, sparsity) < Bytes(CsrFloat32.Format, sparsity));

    private static long Bytes(PackedFormat format, double sparsity) => format.PackedBytes(1024, 1024, format.ExpectedCounts(1024, 1024, sparsity));

    private static int Open(byte* blob, int bytes) => SparseMatrix.Open(blob, bytes, KernelTier.Portable).Groups;
}
