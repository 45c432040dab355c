using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph;

/// <summary>The operators whose constant weight PruneBuild edits.</summary>
public enum SiteKind
{
    /// <summary><c>MatMul</c> with a constant right operand [K, N].</summary>
    MatMul,

    /// <summary><c>Gemm</c> with a constant B.</summary>
    Gemm,

    /// <summary><c>Conv</c> with a constant W [Cout, Cin/group, kernel...].</summary>
    Conv,
}

/// <summary>How the site's weight is stored.</summary>
public enum WeightStorage
{
    /// <summary>A float initializer.</summary>
    FullPrecision,

    /// <summary>An int8 initializer behind a <c>DequantizeLinear</c> with one scale per output.</summary>
    Int8PerOutput,
}

/// <summary>
/// One linear operator with a constant weight, seen as a matrix [outputs, inputs] whatever its layout in the file
/// (ONNX operator specification: MatMul, Gemm, Conv). The inputs of a Conv are ordered (kernel position, channel) with the
/// channel innermost, while the file has (channel, kernel position): channels-last activations hold the channels of one
/// position side by side, so a block of consecutive inputs is one read.
/// </summary>
public sealed record WeightSite
{
    /// <summary>The operator.</summary>
    public required NodeProto Node { get; init; }

    /// <summary>Name for people: the node's name, or its output when it has none.</summary>
    public required string Name { get; init; }

    /// <summary>Which operator.</summary>
    public required SiteKind Kind { get; init; }

    /// <summary>The value the node takes as weight: an initializer, or the output of the DequantizeLinear before it.</summary>
    public required string WeightName { get; init; }

    /// <summary>The initializer that holds the elements: <see cref="WeightName"/> or the int8 tensor.</summary>
    public required string StoredName { get; init; }

    /// <summary>The scale initializer of an int8 weight, [outputs].</summary>
    public string? ScaleName { get; init; }

    /// <summary>How the elements are stored.</summary>
    public required WeightStorage Storage { get; init; }

    /// <summary>The activation input.</summary>
    public string InputName => Node.Input[0];

    /// <summary>The result.</summary>
    public string OutputName => Node.Output[0];

    /// <summary>Rows: output features or channels.</summary>
    public required int Outputs { get; init; }

    /// <summary>
    /// Columns: input features; for Conv kernel positions × input channels of a group. Channel c at kernel position p is column
    /// p × <see cref="Channels"/> + c.
    /// </summary>
    public required int Inputs { get; init; }

    /// <summary>Input channels of a group for Conv; all <see cref="Inputs"/> otherwise.</summary>
    public required int Channels { get; init; }

    /// <summary>Kernel sizes of a Conv, such as [height, width]; empty otherwise.</summary>
    public required IReadOnlyList<int> KernelShape { get; init; }

    /// <summary>Product of <see cref="KernelShape"/>, whose positions count row-major: of [height, width], row × width + column.</summary>
    public int KernelPositions => Inputs / Channels;

    /// <summary>Conv groups; 1 otherwise.</summary>
    public required int Groups { get; init; }

    /// <summary>Whether the file holds [inputs, outputs] (MatMul, Gemm with transB = 0).</summary>
    public required bool Transposed { get; init; }

    /// <summary>A copy of the weight as float [outputs, inputs], row-major; int8 weights are dequantized.</summary>
    public float[] ReadMatrix(OnnxModel model)
    {
        if (Storage == WeightStorage.FullPrecision)
            return Oriented<float>(model.Weights[StoredName]);
        var (values, scales) = ReadQuantized(model);
        var matrix = new float[values.Length];
        for (var row = 0; row < Outputs; row++)
            for (var column = 0; column < Inputs; column++)
                matrix[(long)row * Inputs + column] = values[(long)row * Inputs + column] * scales[row];
        return matrix;
    }

    /// <summary>A copy of an int8 weight: elements [outputs, inputs] row-major and scales [outputs].</summary>
    /// <exception cref="InvalidOperationException">The weight is not int8.</exception>
    public (sbyte[] Values, float[] Scales) ReadQuantized(OnnxModel model) => Storage == WeightStorage.Int8PerOutput
        ? (Oriented<sbyte>(model.Weights[StoredName]), model.Weights[ScaleName!].ReadSingles())
        : throw new InvalidOperationException($"The weight of '{Name}' is not int8.");

    /// <summary>Stores a float weight [outputs, inputs] back in the file's layout, under the same name and shape.</summary>
    /// <exception cref="InvalidOperationException">The weight is not stored as float.</exception>
    public void WriteMatrix(OnnxModel model, ReadOnlySpan<float> matrix)
    {
        if (Storage != WeightStorage.FullPrecision)
            throw new InvalidOperationException($"The weight of '{Name}' is not stored as float.");
        var (count, rows, columns) = Stored;
        model.SetTransposed(StoredName, model.Weights[StoredName].Shape, matrix, count, columns, rows);
    }

    /// <summary>The file as a stack of matrices that are the transposes of those of <see cref="ReadMatrix"/>.</summary>
    private (int Count, int Rows, int Columns) Stored =>
        Transposed ? (1, Inputs, Outputs) : (Outputs, Channels, KernelPositions);

    /// <summary>Values in the layout of the stored weight, such as its gradient, as [outputs, inputs], row-major.</summary>
    public float[] Orient(ReadOnlySpan<float> stored)
    {
        var (count, rows, columns) = Stored;
        var matrix = new float[stored.Length];
        for (var index = 0; index < count; index++)
            for (var row = 0; row < rows; row++)
                for (var column = 0; column < columns; column++)
                    matrix[((long)((index * columns) + column) * rows) + row] = stored[(((index * rows) + row) * columns) + column];
        return matrix;
    }

    /// <summary>A matrix [outputs, inputs] in the layout of the stored weight.</summary>
    public T[] ToStored<T>(ReadOnlySpan<T> matrix)
    {
        var (count, rows, columns) = Stored;
        var stored = new T[matrix.Length];
        for (var index = 0; index < count; index++)
            for (var row = 0; row < rows; row++)
                for (var column = 0; column < columns; column++)
                    stored[(((index * rows) + row) * columns) + column] = matrix[(((index * columns) + column) * rows) + row];
        return stored;
    }

    /// <summary>A new bias of the layer: an old one plus a shift.</summary>
    /// <param name="model">Gets the weight, [outputs].</param>
    /// <param name="bias">The old one, of one element for each output; null for zeros.</param>
    /// <param name="shift">[outputs].</param>
    /// <returns>Its name.</returns>
    public string AddShiftedBias(OnnxModel model, string? bias, IReadOnlyList<double> shift)
    {
        var values = bias is null ? new float[Outputs] : model.Weights[bias].ReadSingles();
        var name = ValueNames.Fresh(model, OutputName + "_bias");
        model.SetWeight(name, [Outputs], [.. values.Zip(shift, (value, added) => (float)(value + added))]);
        return name;
    }

    private T[] Oriented<T>(WeightTensor stored) where T : unmanaged =>
        Transposition.Read<T>(stored, Stored.Count, Stored.Rows, Stored.Columns);
}
