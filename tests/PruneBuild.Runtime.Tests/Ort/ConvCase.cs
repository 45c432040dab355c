using System.Runtime.InteropServices;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Ort;

/// <summary>One random convolution of images [images, channels, size...]. Lists hold one value, or two for pads, for each axis.</summary>
internal sealed record ConvCase(string Format, int Outputs, int Channels, int Images, int[] Size, int[] Kernel, int[]? Strides = null, int[]? Pads = null, int[]? Dilations = null)
{
    public bool HasBias { get; init; }

    public bool HasResidual { get; init; }

    public SparseActivation Activation { get; init; }

    private int Rank => Size.Length;

    /// <summary>The weights, and a product of as many rows as there are output positions.</summary>
    public KernelCase Product => new(Format, Outputs, Kernel.Aggregate(Channels, (product, size) => product * size), Images * Positions, 0.5, HasBias, Activation) { HasResidual = HasResidual };

    public int[] OutputSize => [.. Enumerable.Range(0, Rank).Select(axis =>
        (Size[axis] + Pad(axis) + Pad(axis + Rank) - Dilation(axis) * (Kernel[axis] - 1) - 1) / Stride(axis) + 1)];

    public long[] Shape => [Images, Channels, .. Size.Select(size => (long)size)];

    public long[] OutputShape => [Images, Outputs, .. OutputSize.Select(size => (long)size)];

    private int Positions => OutputSize.Aggregate((product, size) => product * size);

    public float[] X() => Values(Images * Channels * Size.Aggregate((product, size) => product * size), 11);

    /// <summary>[images, outputs, positions].</summary>
    public float[] Residual() => Values(Images * Outputs * Positions, 13);

    /// <summary>A model of one prunebuild.SparseConv.</summary>
    public byte[] Sparse(byte[] blob, params (string Name, object Value)[] changed)
    {
        var product = Product;
        var attributes = new Dictionary<string, object> { ["K"] = product.Inputs, ["N"] = Outputs, ["format"] = Format, ["activation"] = Activation.AttributeName() };
        foreach (var (name, value) in Window().Concat(changed))
            attributes[name] = value;
        return Graph().Initializer("w", OnnxWriter.UInt8, [blob.Length], blob)
            .Node("prunebuild", "SparseConv", ["x", "w", HasBias ? "b" : "", HasResidual ? "r" : ""], ["y"], [.. attributes.Select(pair => (pair.Key, pair.Value))])
            .ToBytes();
    }

    /// <summary>The model of ONNX Runtime's own operators.</summary>
    public byte[] Dense(byte[] blob)
    {
        var weights = Product.Packed.Unpack(blob).ToSingles();
        var positions = Kernel.Aggregate((product, size) => product * size);
        var stored = new float[weights.Length];
        for (var i = 0; i < stored.Length; i++)
        {
            var (output, column) = Math.DivRem(i, positions * Channels);
            stored[(output * Channels + column % Channels) * positions + column / Channels] = weights[i];
        }

        var graph = Graph().Initializer("w", OnnxWriter.Float, [Outputs, Channels, .. Kernel.Select(size => (long)size)], MemoryMarshal.AsBytes<float>(stored))
            .Node("", "Conv", HasBias ? ["x", "w", "b"] : ["x", "w"], ["c"], Window());
        if (HasResidual)
            graph.Node("", "Add", ["c", "r"], ["s"]);
        return graph.Node("", Activation == SparseActivation.Relu ? "Relu" : "Identity", [HasResidual ? "s" : "c"], ["y"]).ToBytes();
    }

    /// <summary>
    /// The definition over im2col. Where activations are quantized, one scale for an image, exact sums, then the operations of
    /// SparseReference in its order; else sums in double precision.
    /// </summary>
    public float[] Reference(byte[] blob)
    {
        var weights = Product.Packed.Unpack(blob);
        var singles = weights.ToSingles();
        var (x, residual, bias) = (X(), Residual(), Product.Bias());
        var result = new float[Images * Outputs * Positions];
        var quantized = new byte[x.Length / Images];
        for (var image = 0; image < Images; image++)
        {
            var source = x.AsSpan(image * quantized.Length, quantized.Length).ToArray();
            var scale = 1f;
            if (Product.Packed.QuantizesActivations)
                ActivationQuantizer.QuantizeScalar(source, quantized, out scale);
            for (var position = 0; position < Positions; position++)
            {
                var places = Enumerable.Range(0, weights.Inputs).Select(column => Input(position, column)).ToArray();
                for (var output = 0; output < Outputs; output++)
                {
                    var i = (image * Outputs + output) * Positions + position;
                    var value = Product.Packed.QuantizesActivations
                        ? scale * (places.Select((at, column) => at is { } place ? (quantized[place] - ActivationQuantizer.ZeroPoint) * weights.Integers![output * places.Length + column] : 0).Sum() * weights.Scales![output])
                        : (float)places.Select((at, column) => at is { } place ? (double)source[place] * singles[output * places.Length + column] : 0).Sum();
                    value = HasBias ? value + bias[output] : value;
                    value = HasResidual ? value + residual[i] : value;
                    result[i] = Activation.Apply(value);
                }
            }
        }

        return result;
    }

    /// <summary>Where in an image a column of a position's row lies, or null in the padding.</summary>
    private int? Input(int position, int column)
    {
        var at = column % Channels;
        var kernel = Digits(column / Channels, Kernel);
        var output = Digits(position, OutputSize);
        for (var axis = 0; axis < Rank; axis++)
        {
            var place = output[axis] * Stride(axis) - Pad(axis) + kernel[axis] * Dilation(axis);
            if (place < 0 || place >= Size[axis])
                return null;
            at = at * Size[axis] + place;
        }

        return at;
    }

    private static int[] Digits(int value, int[] sizes)
    {
        var digits = new int[sizes.Length];
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
            (value, digits[axis]) = Math.DivRem(value, sizes[axis]);
        return digits;
    }

    private int Stride(int axis) => Strides?[axis] ?? 1;

    private int Pad(int index) => Pads?[index] ?? 0;

    private int Dilation(int axis) => Dilations?[axis] ?? 1;

    private OnnxWriter Graph()
    {
        var dimensions = Enumerable.Range(0, Rank).Select(axis => (object)$"size{axis}").ToArray();
        var graph = new OnnxWriter().Input("x", OnnxWriter.Float, ["images", "channels", .. dimensions])
            .Output("y", OnnxWriter.Float, ["images", Outputs, .. Enumerable.Range(0, Rank).Select(axis => $"output{axis}")]);
        if (HasBias)
            graph.Initializer("b", OnnxWriter.Float, [Outputs], MemoryMarshal.AsBytes<float>(Product.Bias()));
        if (HasResidual)
            graph.Initializer("r", OnnxWriter.Float, OutputShape, MemoryMarshal.AsBytes<float>(Residual()));
        return graph;
    }

    private (string Name, object Value)[] Window() =>
        [.. new (string Name, int[]? Value)[] { ("kernel_shape", Kernel), ("strides", Strides), ("pads", Pads), ("dilations", Dilations) }
            .Where(attribute => attribute.Value is not null).Select(attribute => (attribute.Name, (object)attribute.Value!))];

    private float[] Values(int count, int seed)
    {
        var random = new Random(seed + Product.Seed);
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
            value = random.NextSingle() * 2 - 1;
        return values;
    }
}
