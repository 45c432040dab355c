using System.Runtime.InteropServices;
using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using TorchSharp;
using Elements = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Compression.Training;

/// <summary>Copies values between ONNX, plain arrays and libtorch. The libraries must be loaded.</summary>
internal static class TorchTensors
{
    /// <summary>The libtorch type of an ONNX element type, or null where the interpreter has none.</summary>
    public static torch.ScalarType? TypeOf(Elements type) => type switch
    {
        Elements.Float => torch.ScalarType.Float32,
        Elements.Double => torch.ScalarType.Float64,
        Elements.Float16 => torch.ScalarType.Float16,
        Elements.Bfloat16 => torch.ScalarType.BFloat16,
        Elements.Int64 => torch.ScalarType.Int64,
        Elements.Int32 => torch.ScalarType.Int32,
        Elements.Int16 => torch.ScalarType.Int16,
        Elements.Int8 => torch.ScalarType.Int8,
        Elements.Uint8 => torch.ScalarType.Byte,
        Elements.Bool => torch.ScalarType.Bool,
        _ => null,
    };

    /// <summary>A tensor of an initializer; null for element types that libtorch lacks.</summary>
    public static torch.Tensor? Of(WeightTensor weight) => TypeOf(weight.Type) is { } type
        ? OfBytes(weight.Read<byte>(), type, [.. weight.Shape])
        : null;

    /// <summary>A tensor of an attribute; null for element types that libtorch lacks.</summary>
    public static torch.Tensor? Of(TensorProto proto)
    {
        // The model around it does the reading of every inline encoding.
        var holder = new ModelProto { Graph = new GraphProto() };
        var copy = proto.Clone();
        copy.Name = "value";
        holder.Graph.Initializer.Add(copy);
        using var model = OnnxModel.FromProto(holder);
        return Of(model.Weights["value"]);
    }

    /// <summary>A tensor of raw little-endian elements.</summary>
    public static torch.Tensor OfBytes(ReadOnlySpan<byte> bytes, torch.ScalarType type, long[] shape)
    {
        var tensor = torch.empty(shape, dtype: type);
        bytes.CopyTo(tensor.bytes);
        return tensor;
    }

    /// <summary>A tensor of values of the given shape.</summary>
    /// <exception cref="NotSupportedException">The element type has no tensor.</exception>
    public static torch.Tensor Of(Array values, long[] shape) => values switch
    {
        float[] data => OfBytes(MemoryMarshal.AsBytes<float>(data), torch.ScalarType.Float32, shape),
        double[] data => OfBytes(MemoryMarshal.AsBytes<double>(data), torch.ScalarType.Float64, shape),
        long[] data => OfBytes(MemoryMarshal.AsBytes<long>(data), torch.ScalarType.Int64, shape),
        int[] data => OfBytes(MemoryMarshal.AsBytes<int>(data), torch.ScalarType.Int32, shape),
        byte[] data => OfBytes(data, torch.ScalarType.Byte, shape),
        bool[] data => OfBytes(MemoryMarshal.AsBytes<bool>(data), torch.ScalarType.Bool, shape),
        _ => throw new NotSupportedException($"elements of {values.GetType().GetElementType()!.Name} are not supported"),
    };

    /// <summary>A copy of the values of a tensor.</summary>
    /// <exception cref="NotSupportedException">The element type has no array.</exception>
    public static CalibrationTensor Read(torch.Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        var plain = tensor.detach().contiguous();
        Array values = plain.dtype switch
        {
            torch.ScalarType.Float32 => Copy<float>(plain),
            torch.ScalarType.Float64 => Copy<double>(plain),
            torch.ScalarType.Int64 => Copy<long>(plain),
            torch.ScalarType.Int32 => Copy<int>(plain),
            torch.ScalarType.Byte => Copy<byte>(plain),
            torch.ScalarType.Bool => Copy<bool>(plain),
            _ => throw new NotSupportedException($"elements of {plain.dtype} are not supported"),
        };
        return new CalibrationTensor(values, tensor.shape);
    }

    /// <summary>A copy of the values of a float tensor.</summary>
    public static float[] Singles(torch.Tensor tensor) => (float[])Read(tensor).Data;

    /// <summary>The values of an integer tensor, exactly.</summary>
    public static long[] Longs(torch.Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        return Copy<long>(tensor.to_type(torch.ScalarType.Int64).contiguous());
    }

    private static T[] Copy<T>(torch.Tensor contiguous) where T : unmanaged =>
        contiguous.numel() == 0 ? [] : MemoryMarshal.Cast<byte, T>(contiguous.bytes).ToArray();
}
