using System.Runtime.InteropServices;
using Google.Protobuf;
using MeterReader.Rendering;
using PruneBuild.Graph.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace MeterReader.Training;

/// <summary>Writes the network as ONNX, opset 17: input <c>image</c> [batch, 1, 32, 24], output <c>logits</c> [batch, 10].</summary>
internal static class OnnxExport
{
    public static void Write(DigitNetwork network, string file)
    {
        var graph = new GraphProto { Name = "meter-digits" };
        graph.Input.Add(Value("image", 1, DigitRenderer.Height, DigitRenderer.Width));
        graph.Output.Add(Value("logits", 10));

        Convolve(graph, "conv1", network.Convolution1.weight!, network.Convolution1.bias!, "image");
        Convolve(graph, "conv2", network.Convolution2.weight!, network.Convolution2.bias!, "conv1.pooled");
        graph.Node.Add(Node("Flatten", "flatten", ["conv2.pooled"], "features", Whole("axis", 1)));
        Multiply(graph, "dense1", network.Dense1.weight!, network.Dense1.bias!, "features", "dense1.sum");
        graph.Node.Add(Node("Relu", "dense1.relu", ["dense1.sum"], "dense1.out"));
        Multiply(graph, "dense2", network.Dense2.weight!, network.Dense2.bias!, "dense1.out", "dense2.sum");
        graph.Node.Add(Node("Relu", "dense2.relu", ["dense2.sum"], "dense2.out"));
        Multiply(graph, "classifier", network.Classifier.weight!, network.Classifier.bias!, "dense2.out", "logits");

        var model = new ModelProto { IrVersion = 8, ProducerName = "MeterReader.Training", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        File.WriteAllBytes(file, model.ToByteArray());
    }

    private static void Convolve(GraphProto graph, string name, Tensor weight, Tensor bias, string input)
    {
        graph.Initializer.Add(Weights($"{name}.weight", weight));
        graph.Initializer.Add(Weights($"{name}.bias", bias));
        graph.Node.Add(Node("Conv", name, [input, $"{name}.weight", $"{name}.bias"], $"{name}.sum", Wholes("kernel_shape", 3, 3), Wholes("pads", 1, 1, 1, 1)));
        graph.Node.Add(Node("Relu", $"{name}.relu", [$"{name}.sum"], $"{name}.out"));
        graph.Node.Add(Node("MaxPool", $"{name}.pool", [$"{name}.out"], $"{name}.pooled", Wholes("kernel_shape", 2, 2), Wholes("strides", 2, 2)));
    }

    private static void Multiply(GraphProto graph, string name, Tensor weight, Tensor bias, string input, string output)
    {
        graph.Initializer.Add(Weights($"{name}.weight", weight));
        graph.Initializer.Add(Weights($"{name}.bias", bias));
        graph.Node.Add(Node("Gemm", name, [input, $"{name}.weight", $"{name}.bias"], output, Whole("transB", 1)));
    }

    private static NodeProto Node(string type, string name, string[] inputs, string output, params AttributeProto[] attributes) =>
        new() { OpType = type, Name = name, Input = { inputs }, Output = { output }, Attribute = { attributes } };

    private static AttributeProto Whole(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static AttributeProto Wholes(string name, params long[] values) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    private static TensorProto Weights(string name, Tensor values) => new()
    {
        Name = name,
        DataType = (int)TensorProto.Types.DataType.Float,
        Dims = { values.shape },
        RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.detach().contiguous().data<float>().ToArray().AsSpan())),
    };

    private static ValueInfoProto Value(string name, params long[] dimensions)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" } } };
        shape.Dim.Add(dimensions.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } },
        };
    }
}
