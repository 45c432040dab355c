using System.Runtime.InteropServices;
using PruneBuild.Diagnostics;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph;

/// <summary>
/// An ONNX model whose weights stay on disk until they are read: the one representation that every method edits.
/// </summary>
public sealed class OnnxModel : IDisposable
{
    /// <summary>Edited weights above this size wait on disk, not in memory.</summary>
    private const int SpooledBytes = 1 << 16;

    private readonly OrderedDictionary<string, WeightTensor> weights;
    private readonly Dictionary<string, FileStream> files;

    private OnnxModel(ModelProto proto, OrderedDictionary<string, WeightTensor> weights, Dictionary<string, FileStream> files) =>
        (Proto, this.weights, this.files) = (proto, weights, files);

    /// <summary>The model message. The main graph's initializers are in <see cref="Weights"/> instead.</summary>
    public ModelProto Proto { get; }

    /// <summary>The main graph; its <c>Initializer</c> list is empty.</summary>
    public GraphProto Graph => Proto.Graph;

    /// <summary>The main graph's initializers, in file order.</summary>
    public IReadOnlyDictionary<string, WeightTensor> Weights => weights;

    /// <summary>The files the model was read from: the model file first, then its external data.</summary>
    public IReadOnlyList<string> SourceFiles => [.. files.Keys];

    /// <summary>A new model around a message; its initializers move to <see cref="Weights"/>.</summary>
    /// <exception cref="ArgumentException">An initializer is defined twice, external, or does not fit its shape.</exception>
    public static OnnxModel FromProto(ModelProto proto)
    {
        var copy = proto.Clone();
        var weights = new OrderedDictionary<string, WeightTensor>(StringComparer.Ordinal);
        foreach (var tensor in copy.Graph.Initializer)
        {
            if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
                throw new ArgumentException($"Initializer '{tensor.Name}' is external data.", nameof(proto));
            var isText = tensor.DataType == (int)TensorProto.Types.DataType.String;
            var raw = tensor.HasRawData ? tensor.RawData.ToByteArray() : InlineData.ToRaw(tensor);
            if (!isText && ElementTypes.BytesOf((TensorProto.Types.DataType)tensor.DataType, tensor.Dims) != raw.Length)
                throw new ArgumentException($"Initializer '{tensor.Name}' does not fit its shape.", nameof(proto));
            if (!isText)
                InlineData.Clear(tensor);
            weights.Add(tensor.Name, new WeightTensor(tensor, raw));
        }
        copy.Graph.Initializer.Clear();
        return new OnnxModel(copy, weights, []);
    }

    /// <summary>A message and initializers that are made when they are saved.</summary>
    internal static OnnxModel Of(ModelProto proto, IEnumerable<WeightTensor> weights) => new(
        proto, new OrderedDictionary<string, WeightTensor>(weights.Select(weight => KeyValuePair.Create(weight.Name, weight)), StringComparer.Ordinal), []);

    /// <summary>Opens a model file. Payloads are checked for size and place, but not read.</summary>
    /// <param name="path">The <c>.onnx</c> file; external data must lie in its folder.</param>
    /// <exception cref="PruneBuildException">PB2001 to PB2011, PB2013: the file is missing, unreadable, damaged, too new, or lies about its tensors.</exception>
    public static OnnxModel Load(string path)
    {
        var (proto, weights, files) = new OnnxModelReader(Path.GetFullPath(path)).Read();
        return new OnnxModel(proto, weights, files);
    }

    /// <summary>Adds or replaces an initializer.</summary>
    /// <param name="name">Value name.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Dimensions.</param>
    /// <param name="data">Raw little-endian elements.</param>
    /// <exception cref="ArgumentException">The payload does not fit type and shape.</exception>
    public void SetWeight(string name, TensorProto.Types.DataType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> data)
    {
        var header = Header(name, type, shape);
        if (ElementTypes.BytesOf(type, header.Dims) != data.Length)
            throw new ArgumentException($"'{name}': {data.Length} bytes do not fill {type} [{string.Join(", ", header.Dims)}].", nameof(data));
        var payload = Payload(data.Length);
        payload.Write(data);
        Keep(header, payload);
    }

    /// <summary>Adds or replaces a float initializer.</summary>
    /// <exception cref="ArgumentException">The values do not fill the shape.</exception>
    public void SetWeight(string name, IReadOnlyList<long> shape, ReadOnlySpan<float> data)
    {
        var header = Header(name, TensorProto.Types.DataType.Float, [.. shape]);
        CheckCount(header, data.Length);
        var payload = Payload((long)data.Length * sizeof(float));
        // A span of bytes ends at 2 GB, one of floats does not.
        const int slice = 1 << 20;
        for (var start = 0; start < data.Length; start += slice)
            payload.Write(MemoryMarshal.AsBytes(data.Slice(start, Math.Min(slice, data.Length - start))));
        Keep(header, payload);
    }

    /// <summary>Adds or replaces a float initializer from a stack of matrices that it will hold transposed.</summary>
    /// <param name="name">Value name.</param>
    /// <param name="shape">Dimensions; their product is count × rows × columns.</param>
    /// <param name="stack">[count, rows, columns], row-major; stored as [count, columns, rows].</param>
    /// <param name="count">Matrices in the stack.</param>
    /// <param name="rows">Rows of a matrix.</param>
    /// <param name="columns">Columns of a matrix.</param>
    /// <exception cref="ArgumentException">The values do not fill the shape.</exception>
    public void SetTransposed(string name, IReadOnlyList<long> shape, ReadOnlySpan<float> stack, int count, int rows, int columns)
    {
        if (Transposition.IsIdentity(rows, columns))
        {
            SetWeight(name, shape, stack);
            return;
        }
        var header = Header(name, TensorProto.Types.DataType.Float, [.. shape]);
        CheckCount(header, stack.Length);
        var payload = Payload((long)stack.Length * sizeof(float));
        Transposition.Write(stack, count, rows, columns, payload);
        Keep(header, payload);
    }

    /// <summary>Drops an initializer; unknown names are ignored.</summary>
    public void RemoveWeight(string name) => weights.Remove(name);

    /// <summary>Total bytes of the initializers.</summary>
    public long WeightBytes => weights.Values.Sum(weight => weight.Bytes);

    /// <summary>
    /// Writes the model under a temporary name, then moves it in place: a failure leaves what was there before.
    /// </summary>
    /// <param name="path">The <c>.onnx</c> file to write.</param>
    /// <param name="externalData">Weights go to <c>path + ".data"</c>; without it a model above 2 GB cannot be written.</param>
    /// <exception cref="PruneBuildException">PB6002: the folder cannot be written. PB2006: a source file was cut short since it was opened.</exception>
    public void Save(string path, bool externalData = false) => Save(Proto, weights.Values, path, externalData);

    /// <summary>Writes a message and the initializers that belong in its graph.</summary>
    internal static void Save(ModelProto proto, IEnumerable<WeightTensor> weights, string path, bool externalData)
    {
        var full = Path.GetFullPath(path);
        try
        {
            using var staged = new StagedSave(full);
            OnnxModelWriter.Write(proto, weights, staged.ModelPath, externalData ? staged.DataPath : null);
            staged.Publish();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PruneBuildException("PB6002", full, exception.Message).At(full);
        }
    }

    /// <summary>
    /// The model as it is now: later edits of either do not change the other. It reads from the files of this model, so it must not
    /// be used once this one is disposed; disposing the snapshot is not needed.
    /// </summary>
    public OnnxModel Snapshot() => new(Proto.Clone(), new OrderedDictionary<string, WeightTensor>(weights, StringComparer.Ordinal), []);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var weight in weights.Values)
            weight.Close();
        foreach (var file in files.Values)
            file.Dispose();
    }

    private static TensorProto Header(string name, TensorProto.Types.DataType type, ReadOnlySpan<long> shape)
    {
        var header = new TensorProto { Name = name, DataType = (int)type };
        foreach (var dimension in shape)
            header.Dims.Add(dimension);
        return header;
    }

    private static void CheckCount(TensorProto header, int count)
    {
        if (ElementTypes.Count(header.Dims) != count)
            throw new ArgumentException($"'{header.Name}': {count} values do not fill [{string.Join(", ", header.Dims)}].", nameof(count));
    }

    private static Stream Payload(long bytes) => bytes > SpooledBytes ? WeightSpool.Create(bytes) : new MemoryStream((int)bytes);

    private void Keep(TensorProto header, Stream payload) => weights[header.Name] = payload is FileStream file
        ? new WeightTensor(header, file, 0, file.Length)
        : new WeightTensor(header, ((MemoryStream)payload).ToArray());
}
