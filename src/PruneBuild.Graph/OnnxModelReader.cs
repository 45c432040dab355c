using Google.Protobuf;
using PruneBuild.Diagnostics;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph;

/// <summary>Reads a model file: everything but the initializers' payloads is parsed, the payloads are only located.</summary>
internal sealed class OnnxModelReader(string path)
{
    private const int ModelGraph = 7;
    private const int GraphInitializer = 5;
    private const int TensorRawData = 9;

    /// <summary>The newest opset of the default domain that ONNX Runtime 1.31 runs.</summary>
    private const long NewestOpset = 26;

    private readonly Dictionary<string, FileStream> files = new(StringComparer.Ordinal);
    private readonly List<ExternalRange> externals = [];
    private readonly OrderedDictionary<string, WeightTensor> weights = new(StringComparer.Ordinal);

    public (ModelProto Proto, OrderedDictionary<string, WeightTensor> Weights, Dictionary<string, FileStream> Files) Read()
    {
        if (!File.Exists(path))
            throw new PruneBuildException("PB2001", path).At(path);
        var stream = OpenFile(path);
        try
        {
            if (stream.Length == 0)
                throw new PruneBuildException("PB2002", path).At(path);
            if (stream.Length > int.MaxValue)
                throw NotOnnx("a model file holds at most 2 GB; larger weights belong in external data");
            var proto = ReadModel(stream);
            Check(proto);
            ExternalRange.CheckOverlaps(externals, path);
            return (proto, weights, files);
        }
        catch
        {
            foreach (var file in files.Values)
                file.Dispose();
            throw;
        }
    }

    private ModelProto ReadModel(FileStream stream)
    {
        try
        {
            using var view = new TensorView(stream, 0, stream.Length);
            var bytes = view.Bytes;
            using var modelRest = new MemoryStream();
            using var graphRest = new MemoryStream();
            var hasGraph = false;
            var fields = new ProtobufScanner(bytes, 0, bytes.Length);
            while (fields.TryRead(out var field))
            {
                if (field is { Number: ModelGraph, WireType: 2 })
                {
                    hasGraph = true;
                    ReadGraph(stream, bytes, field, graphRest);
                }
                else
                {
                    modelRest.Write(bytes[field.Start..field.End]);
                }
            }
            if (!hasGraph)
                throw NotOnnx("it has no graph");
            var proto = ModelProto.Parser.ParseFrom(modelRest.GetBuffer().AsSpan(0, (int)modelRest.Length));
            proto.Graph = GraphProto.Parser.ParseFrom(graphRest.GetBuffer().AsSpan(0, (int)graphRest.Length));
            return proto;
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidDataException)
        {
            throw NotOnnx(exception.Message);
        }
    }

    private void ReadGraph(FileStream stream, ReadOnlySpan<byte> bytes, WireField graph, MemoryStream rest)
    {
        var fields = new ProtobufScanner(bytes, graph.PayloadStart, graph.End);
        while (fields.TryRead(out var field))
        {
            if (field is { Number: GraphInitializer, WireType: 2 })
                ReadInitializer(stream, bytes, field);
            else
                rest.Write(bytes[field.Start..field.End]);
        }
    }

    private void ReadInitializer(FileStream stream, ReadOnlySpan<byte> bytes, WireField initializer)
    {
        using var header = new MemoryStream();
        WireField? raw = null;
        var fields = new ProtobufScanner(bytes, initializer.PayloadStart, initializer.End);
        while (fields.TryRead(out var field))
        {
            if (field is { Number: TensorRawData, WireType: 2 })
                raw = field;
            else
                header.Write(bytes[field.Start..field.End]);
        }
        var tensor = TensorProto.Parser.ParseFrom(header.GetBuffer().AsSpan(0, (int)header.Length));
        if (!weights.TryAdd(tensor.Name, Locate(stream, tensor, raw)))
            throw NotOnnx($"initializer '{tensor.Name}' is defined twice");
    }

    private WeightTensor Locate(FileStream stream, TensorProto tensor, WireField? raw)
    {
        var type = (TensorProto.Types.DataType)tensor.DataType;
        if (type == TensorProto.Types.DataType.String)
            return Strings(tensor);
        var bits = ElementTypes.BitsPerElement(type);
        if (bits == 0)
            throw new PruneBuildException("PB2011", tensor.Name, $"element type {tensor.DataType} is not known").At(path);
        var bytes = ElementTypes.BytesOf(type, tensor.Dims)
            ?? throw new PruneBuildException("PB2011", tensor.Name, $"shape [{string.Join(", ", tensor.Dims)}] is negative or too large").At(path);
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
        {
            var range = ExternalRange.Resolve(tensor, path, bytes);
            externals.Add(range);
            var file = OpenFile(range.Path);
            InlineData.Clear(tensor);
            return new WeightTensor(tensor, file, range.Offset, bytes);
        }
        if (raw is { } field)
        {
            var length = field.End - field.PayloadStart;
            if (length != bytes)
                throw new PruneBuildException("PB2009", tensor.Name, bytes, length).At(path);
            InlineData.Clear(tensor);
            return new WeightTensor(tensor, stream, field.PayloadStart, bytes);
        }
        var inline = InlineData.ToRaw(tensor);
        if (inline.Length != bytes)
            throw new PruneBuildException("PB2009", tensor.Name, bytes, inline.Length).At(path);
        InlineData.Clear(tensor);
        return new WeightTensor(tensor, inline);
    }

    /// <summary>Strings have no raw form: they stay in the header.</summary>
    private WeightTensor Strings(TensorProto tensor)
    {
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
            throw new PruneBuildException("PB2011", tensor.Name, "strings cannot be external data").At(path);
        if (ElementTypes.Count(tensor.Dims) != tensor.StringData.Count)
            throw new PruneBuildException("PB2011", tensor.Name,
                $"shape [{string.Join(", ", tensor.Dims)}] does not hold {tensor.StringData.Count} strings").At(path);
        return new WeightTensor(tensor, []);
    }

    private void Check(ModelProto proto)
    {
        if (proto.OpsetImport.Count == 0)
            throw NotOnnx("it imports no operator set");
        foreach (var opset in proto.OpsetImport.Where(opset => opset.Domain is "" or "ai.onnx" && opset.Version > NewestOpset))
            throw new PruneBuildException("PB2004", path, opset.Version, "ai.onnx", NewestOpset).At(path);
        if (proto.Graph.Output.Count == 0)
            throw NotOnnx("its graph has no output");
        CheckSparse(proto.Graph, "graph");
        foreach (var node in proto.Graph.Node.Concat(proto.Functions.SelectMany(function => function.Node)))
            CheckNested(node);
    }

    /// <summary>External data outside the main graph's initializers would be resolved against another folder once the model moves.</summary>
    private void CheckNested(NodeProto node)
    {
        foreach (var attribute in node.Attribute)
        {
            var owner = $"node '{node.Name}'";
            foreach (var tensor in attribute.Tensors.Append(attribute.T))
                CheckInline(tensor, owner);
            foreach (var sparse in attribute.SparseTensors.Append(attribute.SparseTensor))
                CheckInline(sparse, owner);
            foreach (var graph in attribute.Graphs.Append(attribute.G).Where(graph => graph is not null))
            {
                foreach (var tensor in graph.Initializer)
                    CheckInline(tensor, owner);
                CheckSparse(graph, owner);
                foreach (var inner in graph.Node)
                    CheckNested(inner);
            }
        }
    }

    private void CheckSparse(GraphProto graph, string owner)
    {
        foreach (var sparse in graph.SparseInitializer)
            CheckInline(sparse, owner);
    }

    private void CheckInline(SparseTensorProto? sparse, string owner)
    {
        CheckInline(sparse?.Values, owner);
        CheckInline(sparse?.Indices, owner);
    }

    private void CheckInline(TensorProto? tensor, string owner)
    {
        if (tensor?.DataLocation == TensorProto.Types.DataLocation.External)
            throw new PruneBuildException("PB2011", tensor.Name, $"external data inside {owner} is not supported").At(path);
    }

    private FileStream OpenFile(string file)
    {
        if (files.TryGetValue(file, out var stream))
            return stream;
        try
        {
            return files[file] = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PruneBuildException("PB2013", file, exception.Message).At(path);
        }
    }

    private PruneBuildException NotOnnx(string why) => new PruneBuildException("PB2003", path, why).At(path);
}
