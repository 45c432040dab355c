using System.Globalization;
using Google.Protobuf;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph;

/// <summary>Writes a model file, streaming the payloads: memory holds one slice of one weight.</summary>
internal static class OnnxModelWriter
{
    private const uint GraphTag = (7 << 3) | 2;
    private const uint InitializerTag = (5 << 3) | 2;
    private const uint RawDataTag = (9 << 3) | 2;

    /// <summary>Below this size a weight stays in the model file: shape inference reads small constants from there.</summary>
    private const long EmbeddedBytes = 1024;

    /// <summary>Every weight starts on a cache line; large ones on a page, so that a runtime can map them alone.</summary>
    private static long Alignment(long bytes) => bytes >= 1 << 20 ? 4096 : 64;

    public static void Write(ModelProto proto, IEnumerable<WeightTensor> weights, string path, string? dataPath)
    {
        var tensors = weights.Select(weight => (Weight: weight, Header: weight.Header.Clone())).ToList();
        if (dataPath is not null)
            WriteExternal(tensors, dataPath);

        var rest = proto.Clone();
        rest.Graph = null;
        long graphBytes = proto.Graph.CalculateSize();
        foreach (var (weight, header) in tensors)
        {
            var tensorBytes = TensorBytes(weight, header);
            graphBytes += CodedOutputStream.ComputeTagSize(5) + CodedOutputStream.ComputeUInt64Size((ulong)tensorBytes) + tensorBytes;
        }
        var framingBytes = CodedOutputStream.ComputeTagSize(7) + CodedOutputStream.ComputeUInt64Size((ulong)graphBytes);
        if (graphBytes + framingBytes + rest.CalculateSize() > int.MaxValue)
            throw new InvalidOperationException("A model file holds at most 2 GB; save it with external data.");

        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write);
        using var output = new CodedOutputStream(stream, leaveOpen: true);
        rest.WriteTo(output);
        output.WriteTag(GraphTag);
        output.WriteUInt64((ulong)graphBytes);
        proto.Graph.WriteTo(output);
        foreach (var (weight, header) in tensors)
        {
            output.WriteTag(InitializerTag);
            output.WriteUInt64((ulong)TensorBytes(weight, header));
            header.WriteTo(output);
            if (!HasRawData(weight, header))
                continue;
            output.WriteTag(RawDataTag);
            output.WriteUInt64((ulong)weight.Bytes);
            output.Flush();
            weight.CopyTo(stream);
        }
        output.Flush();
    }

    private static void WriteExternal(List<(WeightTensor Weight, TensorProto Header)> tensors, string dataPath)
    {
        using var data = new FileStream(dataPath, FileMode.Create, FileAccess.Write);
        // Tied weights share their range again.
        var written = new Dictionary<object, long>();
        foreach (var (weight, header) in tensors)
        {
            if (weight.Bytes < EmbeddedBytes || weight.Type == TensorProto.Types.DataType.String)
                continue;
            if (!written.TryGetValue(weight.Place, out var start))
            {
                var alignment = Alignment(weight.Bytes);
                written[weight.Place] = start = (data.Length + alignment - 1) / alignment * alignment;
                data.SetLength(start);
                data.Position = start;
                weight.CopyTo(data);
            }
            header.DataLocation = TensorProto.Types.DataLocation.External;
            header.ExternalData.Add(Entry("location", Path.GetFileName(dataPath)));
            header.ExternalData.Add(Entry("offset", start.ToString(CultureInfo.InvariantCulture)));
            header.ExternalData.Add(Entry("length", weight.Bytes.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };

    private static bool HasRawData(WeightTensor weight, TensorProto header) =>
        header.DataLocation != TensorProto.Types.DataLocation.External && weight.Type != TensorProto.Types.DataType.String;

    private static long TensorBytes(WeightTensor weight, TensorProto header) => header.CalculateSize()
        + (HasRawData(weight, header)
            ? CodedOutputStream.ComputeTagSize(9) + CodedOutputStream.ComputeUInt64Size((ulong)weight.Bytes) + weight.Bytes
            : 0);
}
