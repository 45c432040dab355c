using System.Text;
using CsCheck;
using PruneBuild.Diagnostics;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Tests;

namespace PruneBuild.Graph.Tests.HuggingFace;

/// <summary>Weights files that are damaged or lie are refused with the file and what is wrong.</summary>
public sealed class SafetensorsFaults
{
    private const string One = """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    [Theory]
    [InlineData("""[]""", 0, "no JSON object")]
    [InlineData("""{"w":""", 0, "no JSON")]
    [InlineData(One + " x", 8, "no JSON")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2]}}""", 8, "lacks")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "lacks")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"extra":1}}""", 8, "'extra'")]
    [InlineData("""{"w":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}""", 8, "'F33'")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "whole numbers")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "whole numbers")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}""", 8, "overflows")]
    [InlineData("""{"w":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,8]}}""", 8, "overflows")]
    [InlineData("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "12 bytes")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "8 to 0")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", 16, "twice")]
    [InlineData("""{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "'w' overlaps 'v'")]
    [InlineData("""{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}""", 20, "8 to 12")]
    [InlineData(One, 7, "which has 7")]
    [InlineData(One, 9, "8 to 9")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775799,9223372036854775807]}}""", 8, "belong to no tensor")]
    [InlineData("""{"w":[[[[[[[[[[]]]]]]]]]]}""", 0, "no object")]
    [InlineData("""{"__metadata__":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}}}""", 0, "no JSON")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "no JSON")]
    public void A_header_that_contradicts_itself(string header, int dataBytes, string reason)
    {
        using var folder = new TemporaryFolder();
        Refused(folder.Write("m.safetensors", TinyCheckpoint.FileOf(header, new byte[dataBytes])), reason);
    }

    [Theory]
    [InlineData(0UL, "no JSON")]
    [InlineData(53UL, "no JSON")]
    [InlineData(63UL, "the file has 62")]
    [InlineData(100_000_001UL, "more than 100000000")]
    [InlineData(ulong.MaxValue, "more than 100000000")]
    public void A_length_that_is_not_the_headers(ulong length, string reason)
    {
        using var folder = new TemporaryFolder();
        Refused(folder.Write("m.safetensors", TinyCheckpoint.FileOf(One, new byte[8], length)), reason);
    }

    [Fact]
    public void A_file_cut_short_at_any_byte()
    {
        using var folder = new TemporaryFolder();
        var whole = TinyCheckpoint.FileOf(One, new byte[8]);
        for (var length = 0; length < whole.Length; length++)
            Refused(folder.Write("m.safetensors", whole[..length]), "");
        Refused(folder.Write("m.safetensors", Encoding.UTF8.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1234\n")), "");
    }

    [Fact]
    public void A_file_that_is_not_there()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<PruneBuildException>(() => SafetensorsFile.Open(folder["none.safetensors"]).Dispose());
        Assert.Equal(("PB2013", folder["none.safetensors"]), (error.Code, error.Diagnostic.File));
    }

    [Fact]
    public void Random_bytes_are_refused()
    {
        using var folder = new TemporaryFolder();
        Gen.Byte.Array[0, 200].Sample(bytes => Refused(folder.Write("m.safetensors", bytes), ""), iter: 500, threads: 1);
    }

    [Fact]
    public void Changed_headers_are_read_inside_the_file_or_refused()
    {
        using var folder = new TemporaryFolder();
        var whole = TinyCheckpoint.Safetensors(
        [
            new("a", ([2, 3], [1, 2, 3, 4, 5, 6])), new("b", ([4], [7, 8, 9, 10])), new("c", ([], [11])),
        ]);
        var header = whole.Length - (11 * sizeof(float));
        // Digits and punctuation find more than random bytes do.
        var letters = "0123456789[]{},:\"FB61"u8.ToArray();
        var value = Gen.Select(Gen.Byte, Gen.Int[0, (2 * letters.Length) - 1], (any, index) => index < letters.Length ? letters[index] : any);
        Gen.Select(Gen.Int[0, header - 1], value).Array[1, 3].Sample(
            changes =>
            {
                var bytes = (byte[])whole.Clone();
                foreach (var (position, changed) in changes)
                    bytes[position] = changed;
                var path = folder.Write("m.safetensors", bytes);
                try
                {
                    using var file = SafetensorsFile.Open(path);
                    var filled = 0L;
                    foreach (var tensor in file.Tensors.Values)
                    {
                        filled += tensor.Bytes;
                        if (tensor.Type is not ("F32" or "F16" or "BF16"))
                            continue;
                        var values = new float[tensor.Elements];
                        file.Read(tensor, 0, values);
                        if (values.Length > 0)
                            Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(tensor, 1, new float[values.Length]));
                    }
                    Assert.InRange(filled, 0, bytes.Length);
                }
                catch (PruneBuildException exception)
                {
                    Assert.Contains(exception.Code, new[] { "PB2021", "PB2010" });
                    Assert.Equal(path, exception.Diagnostic.File);
                }
            },
            iter: 3000, threads: 1);
    }

    [Fact]
    public void Elements_of_every_type_are_exact()
    {
        using var folder = new TemporaryFolder();
        foreach (var type in new[] { "F32", "F16", "BF16" })
        {
            float[] values = [0, -0.0f, 1, -2.5f, 1.0f / 3, 6.1e-5f, 65504, 3e-7f];
            var path = folder.Write(type, TinyCheckpoint.Safetensors([new("w", ([2, 4], values))], type));
            using var file = SafetensorsFile.Open(path);
            var read = new float[5];
            file.Read(file.Tensors["w"], 2, read);
            Assert.Equal(TinyCheckpoint.Rounded(values, type)[2..7], read);
        }
    }

    [Theory]
    [InlineData("I32", 4, "PB2029")]
    [InlineData("F8_E4M3", 1, "PB2029")]
    [InlineData("F32", 4, "PB2010")]
    [InlineData("BF16", 2, "PB2010")]
    public void Weights_that_are_no_finite_floats(string type, int width, string code)
    {
        using var folder = new TemporaryFolder();
        // All bits set: a NaN in every float type.
        var data = Enumerable.Repeat((byte)255, 3 * width).ToArray();
        data.AsSpan(0, width).Clear();
        var path = folder.Write("m.safetensors", TinyCheckpoint.FileOf($$$"""{"w":{"dtype":"{{{type}}}","shape":[3],"data_offsets":[0,{{{data.Length}}}]}}""", data));
        using var file = SafetensorsFile.Open(path);
        var error = Assert.Throws<PruneBuildException>(() => file.Read(file.Tensors["w"], 0, new float[3]));
        Assert.Equal((code, path), (error.Code, error.Diagnostic.File));
        Assert.Contains("'w'", error.Message, StringComparison.Ordinal);
        Assert.Contains(code == "PB2010" ? "index 1" : type, error.Message, StringComparison.Ordinal);
    }

    private static void Refused(string path, string reason)
    {
        var error = Assert.Throws<PruneBuildException>(() => SafetensorsFile.Open(path).Dispose());
        Assert.Equal(("PB2021", path), (error.Code, error.Diagnostic.File));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
