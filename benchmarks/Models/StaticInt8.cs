using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Benchmarks.Models;

/// <summary>
/// The rival of a convolutional model: static int8 as ONNX Runtime's quantizer writes it (QuantizeLinear and DequantizeLinear
/// around every Conv, Add, pool and Gemm; weights symmetric per channel; activations unsigned, ranges from calibration; a Relu
/// becomes the lower end of the range), which its optimizer turns into QLinearConv and its like.
/// </summary>
internal sealed class StaticInt8
{
    private static readonly HashSet<string> Quantized = new(StringComparer.Ordinal) { "Conv", "Add", "GlobalAveragePool", "AveragePool", "MaxPool", "Gemm", "MatMul" };

    private readonly OnnxModel model;
    private readonly Dictionary<string, (float Low, float High)> ranges;
    private readonly HashSet<string> done = new(StringComparer.Ordinal);

    private StaticInt8(OnnxModel model, Dictionary<string, (float Low, float High)> ranges) => (this.model, this.ranges) = (model, ranges);

    /// <summary>Quantizes a float model whose BatchNormalization is folded already.</summary>
    public static byte[] Quantize(ModelProto proto, IReadOnlyList<float[]> images, long[] shape)
    {
        using var model = OnnxModel.FromProto(proto);
        var ranges = Calibrate(proto, images, shape);
        new StaticInt8(model, ranges).Run();
        return Protos.Bytes(model);
    }

    private static Dictionary<string, (float Low, float High)> Calibrate(ModelProto proto, IReadOnlyList<float[]> images, long[] shape)
    {
        var probe = proto.Clone();
        var names = probe.Graph.Node.SelectMany(node => node.Output).Where(name => name.Length > 0 && name != probe.Graph.Output[0].Name).ToList();
        probe.Graph.Output.Add(names.Select(name => new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } }));
        using var session = new InferenceSession(probe.ToByteArray());
        var ranges = new Dictionary<string, (float Low, float High)>(StringComparer.Ordinal);
        foreach (var image in images)
        {
            using var x = OrtValue.CreateTensorValueFromMemory(image, shape);
            using var options = new RunOptions();
            Widen(ranges, session.InputNames[0], image);
            using var results = session.Run(options, session.InputNames, [x], session.OutputNames);
            foreach (var (name, value) in session.OutputNames.Zip(results))
                Widen(ranges, name, value.GetTensorDataAsSpan<float>());
        }

        return ranges;
    }

    private static void Widen(Dictionary<string, (float Low, float High)> ranges, string name, ReadOnlySpan<float> values)
    {
        var (low, high) = ranges.GetValueOrDefault(name);
        foreach (var value in values)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        ranges[name] = (low, high);
    }

    private void Run()
    {
        if (model.Proto.OpsetImport.First(import => import.Domain.Length == 0) is { Version: < 13 } opset)
            opset.Version = 13;
        foreach (var node in model.Graph.Node.ToList())
        {
            if (!Quantized.Contains(node.OpType))
                continue;
            for (var i = 0; i < node.Input.Count; i++)
            {
                if (!model.Weights.ContainsKey(node.Input[i]) && ranges.ContainsKey(node.Input[i]))
                    node.Input[i] = Activation(node.Input[i]);
            }

            if (node.OpType is "Conv" or "Gemm" or "MatMul")
                Weight(node);
        }

        // What a quantized operator writes is quantized too, or the pair around it is not complete.
        foreach (var node in model.Graph.Node.Where(node => Quantized.Contains(node.OpType)).ToList())
        {
            var output = node.Output[0];
            var follower = model.Graph.Node.Where(other => other.Input.Contains(output)).ToList();
            if (follower is [{ OpType: "Relu" } relu])
                RemoveRelu(node, relu);
        }

        var used = model.Graph.Node.SelectMany(node => node.Input).ToHashSet(StringComparer.Ordinal);
        foreach (var name in model.Weights.Keys.Where(name => !used.Contains(name)).ToList())
            model.RemoveWeight(name);
    }

    /// <summary>Conv, Relu, QuantizeLinear: the zero point is the lower end already.</summary>
    private void RemoveRelu(NodeProto node, NodeProto relu)
    {
        node.Output[0] = relu.Output[0];
        model.Graph.Node.Remove(relu);
    }

    private string Activation(string name)
    {
        var result = $"{name}.dq";
        if (!done.Add(name))
            return result;
        var (low, high) = ranges[name];
        var scale = Math.Max(high - low, 1e-6f) / 255;
        var zero = (byte)Math.Clamp(MathF.Round(-low / scale), 0, 255);
        model.SetWeight($"{name}.scale", [], [scale]);
        model.SetWeight($"{name}.zero", DataType.Uint8, [], [zero]);
        var producer = model.Graph.Node.FirstOrDefault(node => node.Output.Contains(name));
        var at = producer is null ? 0 : model.Graph.Node.IndexOf(producer) + 1;
        model.Graph.Node.Insert(at, new NodeProto { OpType = "QuantizeLinear", Name = $"{name}.q", Input = { name, $"{name}.scale", $"{name}.zero" }, Output = { $"{name}.q" } });
        model.Graph.Node.Insert(at + 1, new NodeProto { OpType = "DequantizeLinear", Name = $"{name}.dq", Input = { $"{name}.q", $"{name}.scale", $"{name}.zero" }, Output = { result } });
        return result;
    }

    private void Weight(NodeProto node)
    {
        var weight = model.Weights[node.Input[1]];
        var axis = node.OpType == "Conv" || node.GetInt("transB", 0) != 0 ? 0 : 1;
        var outputs = (int)weight.Shape[axis];
        var values = weight.ReadSingles();
        var scales = new float[outputs];
        int Output(int at) => axis == 0 ? at / (values.Length / outputs) : at % outputs;
        for (var i = 0; i < values.Length; i++)
            scales[Output(i)] = Math.Max(scales[Output(i)], Math.Abs(values[i]) / 127);
        var quantized = new sbyte[values.Length];
        for (var i = 0; i < values.Length; i++)
            quantized[i] = scales[Output(i)] == 0 ? (sbyte)0 : (sbyte)Math.Clamp(MathF.Round(values[i] / scales[Output(i)]), -127, 127);
        model.SetWeight($"{weight.Name}.q", DataType.Int8, [.. weight.Shape], MemoryMarshal.AsBytes<sbyte>(quantized));
        model.SetWeight($"{weight.Name}.scale", [outputs], scales);
        model.SetWeight($"{weight.Name}.zero", DataType.Int8, [outputs], new byte[outputs]);
        Insert(node, $"{weight.Name}.dq", axis, $"{weight.Name}.q", $"{weight.Name}.scale", $"{weight.Name}.zero");
        if (node.Input.Count < 3 || !model.Weights.TryGetValue(node.Input[2], out var bias))
        {
            node.Input[1] = $"{weight.Name}.dq";
            return;
        }

        var inputScale = model.Weights[node.Input[0].Replace(".dq", ".scale", StringComparison.Ordinal)].ReadSingles()[0];
        var biases = bias.ReadSingles();
        var biasScales = scales.Select(scale => Math.Max(scale * inputScale, 1e-20f)).ToArray();
        var integers = biases.Select((value, i) => (int)Math.Clamp(Math.Round(value / biasScales[i]), int.MinValue, int.MaxValue)).ToArray();
        model.SetWeight($"{bias.Name}.q", DataType.Int32, [outputs], MemoryMarshal.AsBytes<int>(integers));
        model.SetWeight($"{bias.Name}.scale", [outputs], biasScales);
        Insert(node, $"{bias.Name}.dq", 0, $"{bias.Name}.q", $"{bias.Name}.scale");
        node.Input[1] = $"{weight.Name}.dq";
        node.Input[2] = $"{bias.Name}.dq";
    }

    private void Insert(NodeProto before, string output, int axis, params string[] inputs)
    {
        var node = new NodeProto { OpType = "DequantizeLinear", Name = output, Input = { inputs }, Output = { output } };
        node.Set("axis", axis);
        model.Graph.Node.Insert(model.Graph.Node.IndexOf(before), node);
    }
}
