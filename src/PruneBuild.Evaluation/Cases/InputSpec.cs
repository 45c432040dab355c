using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>How a number is stored in a tensor file.</summary>
public enum ElementType
{
    /// <summary>One byte, 0 to 255.</summary>
    U8,

    /// <summary>IEEE single precision, little-endian.</summary>
    F32,
}

/// <summary>The order of a stored case's dimensions.</summary>
public enum TensorLayout
{
    /// <summary>As the model wants it; no channels.</summary>
    None,

    /// <summary>Height, width, channel; turned into channel, height, width for the model.</summary>
    Nhwc,

    /// <summary>Channel, height, width.</summary>
    Nchw,
}

/// <summary>
/// What one stored case looks like and how it becomes the model's float input: (x·scale - mean) / std for each channel, in the order
/// channel, height, width. Written as the object <c>input</c> of a harness, and in a recipe for calibration data.
/// </summary>
public sealed class InputSpec
{
    private const int MaxDimension = 1 << 24;
    private const int MaxElements = 1 << 28;

    private readonly int[] _shape;
    private readonly double[] _mean;
    private readonly double[] _std;
    private readonly int _channels;

    private InputSpec(string? name, ElementType elementType, int[] shape, TensorLayout layout, double scale, double[] mean, double[] std, int channels)
    {
        (Name, ElementType, Layout, Scale) = (name, elementType, layout, scale);
        (_shape, _mean, _std, _channels) = (shape, mean, std, channels);
        ElementsPerCase = shape.Aggregate(1, (product, dimension) => product * dimension);
    }

    /// <summary>The model input's name; null for its first input.</summary>
    public string? Name { get; }

    /// <summary>How numbers are stored.</summary>
    public ElementType ElementType { get; }

    /// <summary>Dimensions of one stored case.</summary>
    public IReadOnlyList<int> Shape => _shape;

    /// <summary>Order of <see cref="Shape"/>.</summary>
    public TensorLayout Layout { get; }

    /// <summary>Factor of the stored numbers.</summary>
    public double Scale { get; }

    /// <summary>Numbers in one case.</summary>
    public int ElementsPerCase { get; }

    /// <summary>Bytes of one case in a raw tensor file.</summary>
    public int BytesPerCase => ElementsPerCase * (ElementType == ElementType.U8 ? 1 : sizeof(float));

    /// <summary>Reads the object.</summary>
    /// <param name="json">The object, loaded by <see cref="LocatedJson"/> so that messages have positions.</param>
    /// <param name="file">The file it is in.</param>
    /// <exception cref="PruneBuildException">PB1011, PB1012 or PB1013 at the token at fault.</exception>
    public static InputSpec Parse(JObject json, string file)
    {
        var section = new JsonSection(json, file);
        section.AllowOnly("name", "elementType", "shape", "layout", "scale", "mean", "std");
        var name = section.OptionalText("name");
        var elementType = section.OneOf("elementType", ("uint8", ElementType.U8), ("float32", ElementType.F32));
        var shape = section.WholeNumbers("shape", 1, MaxDimension);
        var layout = section.OneOf("layout", ("NHWC", TensorLayout.Nhwc), ("NCHW", TensorLayout.Nchw), ("none", TensorLayout.None));
        if (shape.Length == 0) throw section.Invalid("shape", "at least one dimension is expected");
        if (layout != TensorLayout.None && shape.Length != 3)
            throw section.Invalid("shape", "NHWC and NCHW need three dimensions, without the batch");
        if (shape.Aggregate(1L, (product, dimension) => Math.Min(product * dimension, long.MaxValue >> 25)) > MaxElements)
            throw section.Invalid("shape", $"one case may hold {MaxElements} numbers");

        var channels = layout switch { TensorLayout.Nhwc => shape[2], TensorLayout.Nchw => shape[0], _ => 1 };
        var scale = section.Has("scale") ? section.Number("scale") : 1;
        var mean = PerChannel(section, "mean", channels, 0);
        var std = PerChannel(section, "std", channels, 1);
        if (std.Any(value => value <= 0)) throw section.Invalid("std", "numbers above 0 are expected");
        return new InputSpec(name, elementType, shape, layout, scale, mean, std, channels);
    }

    /// <summary>The model input's shape for a batch: n, then channel, height, width (or the stored dimensions without a layout).</summary>
    public long[] BatchShape(int count) => Layout == TensorLayout.Nhwc
        ? [count, _shape[2], _shape[0], _shape[1]]
        : [count, .. _shape.Select(dimension => (long)dimension)];

    /// <summary>Normalises one case of raw bytes.</summary>
    /// <param name="stored"><see cref="BytesPerCase"/> bytes.</param>
    /// <param name="destination"><see cref="ElementsPerCase"/> numbers in the model's order.</param>
    public void Normalize(ReadOnlySpan<byte> stored, Span<float> destination)
    {
        Span<float> values = ElementsPerCase <= 4096 ? stackalloc float[ElementsPerCase] : new float[ElementsPerCase];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = ElementType == ElementType.U8
                ? stored[i]
                : System.Buffers.Binary.BinaryPrimitives.ReadSingleLittleEndian(stored[(i * sizeof(float))..]);
        }
        Normalize(values, destination);
    }

    /// <summary>Normalises one case of stored numbers.</summary>
    /// <param name="stored"><see cref="ElementsPerCase"/> numbers in stored order.</param>
    /// <param name="destination"><see cref="ElementsPerCase"/> numbers in the model's order.</param>
    public void Normalize(ReadOnlySpan<float> stored, Span<float> destination)
    {
        var perChannel = ElementsPerCase / _channels;
        for (var channel = 0; channel < _channels; channel++)
        {
            var (mean, std) = (_mean[channel], _std[channel]);
            for (var i = 0; i < perChannel; i++)
            {
                var source = Layout == TensorLayout.Nhwc ? i * _channels + channel : channel * perChannel + i;
                destination[channel * perChannel + i] = (float)((stored[source] * Scale - mean) / std);
            }
        }
    }

    private static double[] PerChannel(JsonSection section, string key, int channels, double missing)
    {
        if (!section.Has(key)) return Repeat(missing);
        var values = section.Numbers(key);
        if (values.Length == 1) return Repeat(values[0]);
        return values.Length == channels ? values : throw section.Invalid(key, $"1 or {channels} numbers are expected");

        double[] Repeat(double value) => [.. Enumerable.Repeat(value, channels)];
    }
}
