using System.Runtime.InteropServices;
using Google.Protobuf;
using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Graph.Tests;

public sealed class TensorRoundTrip
{
    public static TheoryData<TensorProto, byte[]> TypedFields => new()
    {
        { new TensorProto { DataType = (int)DataType.Float, Dims = { 2 }, FloatData = { 1.5f, -2 } }, Raw<float>(1.5f, -2) },
        { new TensorProto { DataType = (int)DataType.Double, Dims = { 2 }, DoubleData = { 1.5, -2 } }, Raw(1.5, -2.0) },
        { new TensorProto { DataType = (int)DataType.Int64, Dims = { 2 }, Int64Data = { -3, 1L << 40 } }, Raw(-3, 1L << 40) },
        { new TensorProto { DataType = (int)DataType.Uint64, Dims = { 1 }, Uint64Data = { ulong.MaxValue } }, Raw(ulong.MaxValue) },
        { new TensorProto { DataType = (int)DataType.Uint32, Dims = { 1 }, Uint64Data = { uint.MaxValue } }, Raw(uint.MaxValue) },
        { new TensorProto { DataType = (int)DataType.Int32, Dims = { 2 }, Int32Data = { -1, 7 } }, Raw(-1, 7) },
        { new TensorProto { DataType = (int)DataType.Int16, Dims = { 2 }, Int32Data = { -1, 7 } }, Raw<short>(-1, 7) },
        { new TensorProto { DataType = (int)DataType.Uint16, Dims = { 1 }, Int32Data = { 65535 } }, Raw(ushort.MaxValue) },
        { new TensorProto { DataType = (int)DataType.Int8, Dims = { 2 }, Int32Data = { -128, 127 } }, Raw<sbyte>(-128, 127) },
        { new TensorProto { DataType = (int)DataType.Uint8, Dims = { 2 }, Int32Data = { 0, 255 } }, Raw<byte>(0, 255) },
        { new TensorProto { DataType = (int)DataType.Bool, Dims = { 2 }, Int32Data = { 1, 0 } }, Raw<byte>(1, 0) },
        { new TensorProto { DataType = (int)DataType.Float16, Dims = { 1 }, Int32Data = { 0x3E00 } }, Raw((Half)1.5f) },
        { new TensorProto { DataType = (int)DataType.Int4, Dims = { 3 }, Int32Data = { 0x21, 0x03 } }, [0x21, 0x03] },
        { new TensorProto { DataType = (int)DataType.Complex64, Dims = { 1 }, FloatData = { 1, 2 } }, Raw<float>(1, 2) },
        { new TensorProto { DataType = (int)DataType.Float, FloatData = { 9 } }, Raw<float>(9) },
    };

    [Theory]
    [MemberData(nameof(TypedFields))]
    public void A_typed_field_becomes_the_raw_bytes_of_its_elements(TensorProto tensor, byte[] expected)
    {
        using var folder = new TemporaryFolder();
        tensor.Name = "t";
        var path = folder.Write("m.onnx", TestModels.AddWeight(tensor));

        using var model = OnnxModel.Load(path);
        model.Save(folder["copy.onnx"]);
        using var reloaded = OnnxModel.Load(folder["copy.onnx"]);

        Assert.Equal(expected, model.Weights["t"].Read<byte>());
        Assert.Equal(expected, reloaded.Weights["t"].Read<byte>());
        Assert.Equal(tensor.Dims, reloaded.Weights["t"].Shape);
        Assert.Equal(tensor.DataType, (int)reloaded.Weights["t"].Type);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Raw_tensors_strings_scalars_empty_dimensions_and_unknown_fields_survive_unchanged(bool externalData)
    {
        using var folder = new TemporaryFolder();
        var strings = new TensorProto
        {
            Name = "s", DataType = (int)DataType.String, Dims = { 2 },
            StringData = { ByteString.CopyFromUtf8("ä"), ByteString.CopyFrom(0xFF, 0x00) },
        };
        var documented = TestModels.Floats("d", [1], 5);
        documented.DocString = "why";
        documented.MergeFrom(Unknown("tensor"));
        var source = TestModels.AddWeight(
            strings, documented,
            TestModels.Floats("scalar", [], 3),
            TestModels.Floats("empty", [0, 3]),
            TestModels.Raw("half", DataType.Float16, [2], [1, 2, 3, 4]));
        source.MergeFrom(Unknown("model"));
        source.Graph.MergeFrom(Unknown("graph"));
        source.Graph.Node[0].MergeFrom(Unknown("node"));
        source.MetadataProps.Add(new StringStringEntryProto { Key = "k", Value = "v" });
        var path = folder.Write("m.onnx", source);

        using (var model = OnnxModel.Load(path))
            model.Save(folder["copy.onnx"], externalData);

        // All tensors are small enough to stay in the model file.
        Assert.Equal(source, ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["copy.onnx"])));
    }

    [Fact]
    public void Subgraphs_and_their_initializers_stay_as_they_are()
    {
        using var folder = new TemporaryFolder();
        var source = IfModel.Create();
        var path = folder.Write("m.onnx", source);

        using (var model = OnnxModel.Load(path))
        {
            Assert.Equal(["w"], model.Weights.Keys);
            model.Save(folder["copy.onnx"]);
        }

        Assert.Equal(source, ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["copy.onnx"])));
        Assert.Equal(OnnxRuntimeOracle.Run(path, 1), OnnxRuntimeOracle.Run(folder["copy.onnx"], 1));
    }

    [Fact]
    public void Tied_external_weights_share_one_range_before_and_after_a_save()
    {
        using var folder = new TemporaryFolder();
        var values = TestModels.Random(4096, 1);
        folder.Write("w.bin", Raw(values));
        var path = folder.Write("m.onnx", TestModels.AddWeight(
            TestModels.External("a", [4096], "w.bin", 0, 16384), TestModels.External("b", [64, 64], "w.bin", 0)));

        using (var model = OnnxModel.Load(path))
            model.Save(folder["copy.onnx"], externalData: true);
        using var reloaded = OnnxModel.Load(folder["copy.onnx"]);

        Assert.Equal(values, reloaded.Weights["a"].ReadSingles());
        Assert.Equal(values, reloaded.Weights["b"].ReadSingles());
        Assert.Equal([64L, 64L], reloaded.Weights["b"].Shape);
        Assert.Equal(16384, new FileInfo(folder["copy.onnx.data"]).Length);
    }

    [Fact]
    public void External_data_in_a_subfolder_with_an_offset_is_read_from_there()
    {
        using var folder = new TemporaryFolder();
        folder.Write("parts/w.bin", Raw<float>(0, 1, 2, 3, 4));
        var path = folder.Write("m.onnx", TestModels.AddWeight(TestModels.External("a", [2, 2], "parts/w.bin", offset: 4)));

        using var model = OnnxModel.Load(path);

        Assert.Equal([1f, 2, 3, 4], model.Weights["a"].ReadSingles());
        Assert.Equal([path, folder["parts/w.bin"]], model.SourceFiles);
    }

    [Fact]
    public void Unaligned_payloads_are_viewed_and_copied_alike()
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", [7, .. Raw<float>(1, 2, 3)]);
        var path = folder.Write("m.onnx", TestModels.AddWeight(TestModels.External("a", [3], "w.bin", offset: 1)));

        using var model = OnnxModel.Load(path);
        using var view = model.Weights["a"].Open();

        Assert.Equal([1f, 2, 3], view.As<float>().ToArray());
        Assert.Equal(Raw(2f), view.Slice(4, 4).ToArray());
    }

    private static byte[] Unknown(string text)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(4000, WireFormat.WireType.LengthDelimited);
            output.WriteString(text);
        }
        return stream.ToArray();
    }

    private static byte[] Raw<T>(params T[] values) where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
