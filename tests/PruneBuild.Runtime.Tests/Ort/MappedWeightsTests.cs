using System.Globalization;
using PruneBuild.Graph;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Ort;

/// <summary>
/// Packed weights in external data are used where the file is mapped: no copy in memory, and pages that the system shares between
/// processes and drops when it needs them. ONNX Runtime maps each tensor from the page below its offset, whatever the offset.
/// </summary>
[Collection(nameof(MappedWeightsTests))]
[CollectionDefinition(nameof(MappedWeightsTests), DisableParallelization = true)]
public sealed class MappedWeightsTests : IDisposable
{
    private static readonly KernelCase Test = new(Block8x4Int8.FormatName, 4096, 8192, 1, 0, false, SparseActivation.None);

    private static readonly Lazy<byte[]> Blob = new(() => Block8x4Int8.Format.Pack(WeightMatrix.FromInt8(
        [.. Enumerable.Repeat((sbyte)1, Test.Outputs * Test.Inputs)], [.. Enumerable.Repeat(1f, Test.Outputs)], Test.Outputs, Test.Inputs)));

    private readonly string folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;

    public MappedWeightsTests() => Skips.Unless(OperatingSystem.IsLinux(), "Reads /proc/self.");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(64)]
    [InlineData(7)]
    public void Kernels_read_external_weights_in_the_mapping_of_their_file_at_any_offset(int offset)
    {
        var model = Path.Combine(folder, "model.onnx");
        var data = Path.Combine(folder, "weights.bin");
        using (var stream = File.Create(data))
        {
            stream.Position = offset;
            stream.Write(Blob.Value);
        }

        File.WriteAllBytes(model, SparseModel.CreateExternal(Test, Blob.Value, Path.GetFileName(data), offset));
        AssertMapped(model, data, Test, Blob.Value.Length);
    }

    [Fact]
    public void What_the_build_writes_is_mapped()
    {
        // Every stage of the pipeline saves this way; the artifact is the last stage's file.
        var test = Test with { Outputs = 1024, Inputs = 1024 };
        var blob = test.Pack();
        var source = Path.Combine(folder, "source.onnx");
        File.WriteAllBytes(source, SparseModel.Create(test, blob));
        var model = Path.Combine(folder, "model.onnx");
        OnnxModel.Load(source).Save(model, externalData: true);
        AssertMapped(model, model + ".data", test, blob.Length);
    }

    private static void AssertMapped(string model, string data, KernelCase test, int bytes)
    {
        var opened = new List<(nint Address, int Bytes)>();
        SparseMatrix.Opened = (address, length) => opened.Add((address, length));
        try
        {
            var before = AnonymousBytes();
            using var session = ModelSession.Open(model, 1);
            SparseModel.Run(session, test);
            var grown = AnonymousBytes() - before;

            var (address, length) = Assert.Single(opened);
            Assert.Equal(bytes, length);
            var mapping = Mapping.Containing(address);
            Assert.Equal(data, mapping.File);
            Assert.True(address + length <= mapping.End);
            Assert.Equal((0, 0), (mapping.Kilobytes("Private_Dirty"), mapping.Kilobytes("Anonymous")));
            // The session itself takes a few megabytes; a copy of the large weights would show.
            Assert.InRange(grown, long.MinValue, Math.Max(bytes / 2, 16 << 20));
        }
        finally
        {
            SparseMatrix.Opened = null;
        }
    }

    private static long AnonymousBytes() => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    /// <summary>An entry of /proc/self/smaps.</summary>
    private sealed record Mapping(nint Start, nint End, string File, IReadOnlyList<string> Fields)
    {
        public static Mapping Containing(nint address)
        {
            var lines = System.IO.File.ReadAllLines("/proc/self/smaps");
            for (var i = 0; i < lines.Length; i++)
            {
                // "7f00-7f10 rw-p 00001000 fe:00 123   /path" begins an entry, "Field:   12 kB" continues it.
                var words = lines[i].Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
                if (words[0].Split('-') is not [var first, var last])
                    continue;
                var (start, end) = (nint.Parse(first, NumberStyles.HexNumber, CultureInfo.InvariantCulture), nint.Parse(last, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                if (start <= address && address < end)
                    return new(start, end, words.Length == 6 ? words[5].Trim() : "", [.. lines.Skip(i + 1).TakeWhile(line => !line.Split(' ')[0].Contains('-', StringComparison.Ordinal))]);
            }

            throw new InvalidOperationException($"{address:x} is not mapped.");
        }

        public int Kilobytes(string field) =>
            int.Parse(Fields.Single(line => line.StartsWith(field + ":", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
