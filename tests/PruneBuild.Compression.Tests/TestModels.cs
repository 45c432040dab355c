using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Tests;

/// <summary>Builds small models and runs them with ONNX Runtime.</summary>
internal static class TestModels
{
    public static float[] Random(int seed, int count, double scale = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(scale * ((random.NextDouble() * 2) - 1)))];
    }

    /// <summary>Rows whose features depend on each other and have means: data on which recovery matters.</summary>
    public static float[] Correlated(int seed, int rows, int features)
    {
        var mixing = Random(1, features * 3);
        var sources = Random(seed, rows * 3);
        var noise = Random(seed + 1000, rows * features, 0.2);
        var data = new float[rows * features];
        for (var row = 0; row < rows; row++)
            for (var feature = 0; feature < features; feature++)
                data[row * features + feature] = 0.5f + noise[row * features + feature]
                    + Enumerable.Range(0, 3).Sum(source => sources[row * 3 + source] * mixing[feature * 3 + source]);
        return data;
    }

    public static NodeProto Node(string op, string[] inputs, string output, params (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { OpType = op, Name = output + "_node" };
        node.Input.Add(inputs);
        node.Output.Add(output);
        foreach (var (name, value) in attributes)
            node.Attribute.Add(Attribute(name, value));
        return node;
    }

    public static OnnxModel Model(
        IEnumerable<NodeProto> nodes, (string Name, long[] Shape)[] inputs, string[] outputs,
        (string Name, long[] Shape, float[] Values)[] weights, long opset = 13)
    {
        var proto = new ModelProto { IrVersion = 7, Graph = new GraphProto { Name = "test" } };
        proto.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
        proto.Graph.Node.AddRange(nodes);
        proto.Graph.Input.AddRange(inputs.Select(input => Value(input.Name, input.Shape)));
        proto.Graph.Output.AddRange(outputs.Select(name => new ValueInfoProto { Name = name }));
        var model = OnnxModel.FromProto(proto);
        foreach (var (name, shape, values) in weights)
            model.SetWeight(name, shape, values);
        return model;
    }

    public static float[] Run(OnnxModel model, string input, float[] data, long[] shape, string output)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "model.onnx");
            model.Save(path);
            using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            // Otherwise int8 MatMul weights become MatMulNBits, which rounds the activations to int8 as well.
            options.AddSessionConfigEntry("session.qdq_matmulnbits_accuracy_level", "1");
            using var session = new InferenceSession(path, options);
            using var value = OrtValue.CreateTensorValueFromMemory(data, shape);
            using var run = new RunOptions();
            using var results = session.Run(run, new Dictionary<string, OrtValue> { [input] = value }, [output]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static CalibrationBatch Batch(string input, float[] data, params long[] shape) =>
        new(new Dictionary<string, CalibrationTensor> { [input] = new(data, shape) });

    public static CalibrationStatistics Calibrate(OnnxModel model, params CalibrationBatch[] batches) =>
        Calibrator.Collect(model, "model.onnx", WeightSites.Find(model), batches, threads: 1, CancellationToken.None);

    /// <summary>x [T, K] times W [N, K] transposed.</summary>
    public static double[] Product(float[] x, float[] w, int features)
    {
        var (rows, outputs) = (x.Length / features, w.Length / features);
        var y = new double[rows * outputs];
        for (var row = 0; row < rows; row++)
            for (var output = 0; output < outputs; output++)
                for (var feature = 0; feature < features; feature++)
                    y[row * outputs + output] += (double)x[row * features + feature] * w[output * features + feature];
        return y;
    }

    private static ValueInfoProto Value(string name, long[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = new TensorShapeProto() };
        foreach (var dimension in shape)
        {
            tensor.Shape.Dim.Add(dimension < 0
                ? new TensorShapeProto.Types.Dimension { DimParam = "batch" }
                : new TensorShapeProto.Types.Dimension { DimValue = dimension });
        }
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case long number:
                (attribute.Type, attribute.I) = (AttributeProto.Types.AttributeType.Int, number);
                break;
            case float number:
                (attribute.Type, attribute.F) = (AttributeProto.Types.AttributeType.Float, number);
                break;
            case string text:
                (attribute.Type, attribute.S) = (AttributeProto.Types.AttributeType.String, Google.Protobuf.ByteString.CopyFromUtf8(text));
                break;
            case long[] numbers:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.Add(numbers);
                break;
            default:
                throw new ArgumentException("unknown attribute", nameof(value));
        }
        return attribute;
    }
}
