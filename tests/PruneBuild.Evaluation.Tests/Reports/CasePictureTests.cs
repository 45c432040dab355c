using System.Buffers.Binary;
using System.IO.Compression;
using PruneBuild.Evaluation.Reports;

namespace PruneBuild.Evaluation.Tests.Reports;

/// <summary>Pictures of inputs, read back by the rules of the PNG specification.</summary>
public sealed class CasePictureTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("NHWC")]
    [InlineData("NCHW")]
    public void A_picture_is_the_input_as_it_is_stored(string layout)
    {
        // Two rows of three pixels with three channels; every byte is its own.
        byte[] stored = [.. Enumerable.Range(0, 18).Select(value => (byte)(value * 14))];
        var shape = layout == "NHWC" ? "2, 3, 3" : "3, 2, 3";
        var picture = Draw($$"""{ "elementType": "uint8", "shape": [{{shape}}], "layout": "{{layout}}", "scale": 0.0039, "mean": [0.4, 0.5, 0.6], "std": [0.2, 0.3, 0.25] }""", stored, 18);
        var expected = layout == "NHWC" ? stored : [.. Enumerable.Range(0, 6).SelectMany(pixel => (byte[])[stored[pixel], stored[6 + pixel], stored[12 + pixel]])];
        Assert.Equal((3, 2, 3), (picture.Width, picture.Height, picture.Channels));
        Assert.Equal(expected, picture.Pixels);
    }

    [Fact]
    public void A_large_picture_is_averaged_down()
    {
        byte[] stored = [.. Enumerable.Range(0, 192 * 100).Select(index => (byte)(index % 2 == 0 ? 10 : 20))];
        var picture = Draw("""{ "elementType": "uint8", "shape": [192, 100, 1], "layout": "NHWC" }""", stored, stored.Length);
        Assert.Equal((50, 96, 1), (picture.Width, picture.Height, picture.Channels));
        Assert.All(picture.Pixels, pixel => Assert.Equal(15, pixel));
    }

    [Theory]
    [InlineData("""{ "elementType": "float32", "shape": [2, 2, 1], "layout": "NHWC" }""", 16)]
    [InlineData("""{ "elementType": "uint8", "shape": [4], "layout": "none" }""", 4)]
    [InlineData("""{ "elementType": "uint8", "shape": [2, 1, 2], "layout": "NHWC" }""", 4)]
    public void What_is_no_image_gets_no_picture(string input, int bytes) => Assert.Null(Flip(input, new byte[bytes]).Picture);

    [Fact]
    public void Pictures_end_where_the_bytes_do()
    {
        var (harness, cases, flips) = Cases("""{ "elementType": "uint8", "shape": [2, 2, 1], "layout": "NHWC" }""", new byte[40], 4);
        var one = CasePictures.AddTo(flips, harness, cases, 10, int.MaxValue)[0].Picture!.Length;
        Assert.Equal(3, CasePictures.AddTo(flips, harness, cases, 10, 3 * one).Count(flip => flip.Picture is not null));
        Assert.Equal(2, CasePictures.AddTo(flips, harness, cases, 2, int.MaxValue).Count(flip => flip.Picture is not null));
    }

    public void Dispose() => folder.Dispose();

    private (int Width, int Height, int Channels, byte[] Pixels) Draw(string input, byte[] stored, int bytesPerCase)
    {
        Assert.Equal(stored.Length, bytesPerCase);
        const string prefix = "data:image/png;base64,";
        var uri = Flip(input, stored).Picture;
        Assert.StartsWith(prefix, uri, StringComparison.Ordinal);
        return Decode(Convert.FromBase64String(uri![prefix.Length..]));
    }

    private CaseFlip Flip(string input, byte[] stored)
    {
        var (harness, cases, flips) = Cases(input, stored, stored.Length);
        return Assert.Single(CasePictures.AddTo(flips, harness, cases, 10, int.MaxValue));
    }

    private (Harness Harness, CaseSet Cases, IReadOnlyList<CaseFlip> Flips) Cases(string input, byte[] stored, int bytesPerCase)
    {
        var count = stored.Length / bytesPerCase;
        folder.Write("c.u8", stored);
        folder.Write("l.u8", new byte[count]);
        var harness = Harness.Load(folder.Write("harness.json", HarnessFiles.Json("""{ "slice": "common", "tensors": "c.u8", "labels": "l.u8" }""", HarnessFiles.AnyFloor, input)));
        var cases = CaseSet.Load(harness);
        return (harness, cases, CaseFlip.Find(cases, HarnessFiles.Of(new int[count]), HarnessFiles.Of([.. Enumerable.Repeat(1, count)]), 100));
    }

    private static (int Width, int Height, int Channels, byte[] Pixels) Decode(byte[] png)
    {
        Assert.Equal((byte[])[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], png[..8]);
        var chunks = new Dictionary<string, byte[]>();
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            var covered = png[(at + 4)..(at + 8 + length)];
            Assert.Equal(Crc(covered), BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length)));
            chunks.Add(System.Text.Encoding.ASCII.GetString(covered, 0, 4), covered[4..]);
            at += 12 + length;
        }
        Assert.Equal(["IHDR", "IDAT", "IEND"], chunks.Keys);
        var header = chunks["IHDR"];
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4)));
        Assert.Equal((byte[])[8, 0, 0, 0], (byte[])[header[8], header[10], header[11], header[12]]);
        var channels = header[9] == 0 ? 1 : 3;
        using var zlib = new ZLibStream(new MemoryStream(chunks["IDAT"]), CompressionMode.Decompress);
        using var rows = new MemoryStream();
        zlib.CopyTo(rows);
        var lines = rows.ToArray().Chunk(1 + width * channels).ToList();
        Assert.Equal(height, lines.Count);
        Assert.All(lines, line => Assert.Equal(0, line[0]));
        return (width, height, channels, [.. lines.SelectMany(line => line[1..])]);
    }

    // CRC-32 of the specification, bit by bit.
    private static uint Crc(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
