using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Quantization;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline.Tests;

/// <summary>
/// Statically quantized models lowered to ONNX Runtime's operators on bytes, against the float arithmetic of their QuantizeLinear and DequantizeLinear nodes.
/// </summary>
public sealed class StaticLoweringTests
{
    // 2 and a half steps of a byte: rounding of the integer operators against that of the float ones, after a few layers.
    private const double Steps = 2.5 / 255;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_residual_network_runs_on_bytes_from_its_input_to_its_logits(int seed)
    {
        var random = new Random(seed);
        var (channels, stride) = (random.Next(3, 20), random.Next(1, 3));
        var side = random.Next(7, 14);
        using var model = Model(
            [
                Node("Conv", ["x", "w1", "b1"], "c1", ("pads", [1, 1, 1, 1])), Node("Relu", ["c1"], "r1"), Node("MaxPool", ["r1"], "p1", ("kernel_shape", [2, 2])),
                Node("Conv", ["p1", "w2"], "c2", ("pads", [1, 0, 0, 1]), ("strides", [stride, 1])), Node("Conv", ["p1", "w4", "b1"], "c4", ("pads", [1, 0, 0, 1]), ("strides", [stride, 1])),
                Node("Add", ["c2", "c4"], "a"), Node("Clip", ["a", "zero", "six"], "r2"), Node("AveragePool", ["r2"], "v", ("kernel_shape", [2, 2])),
                Node("GlobalAveragePool", ["v"], "g"), Node("Flatten", ["g"], "f"), Node("Gemm", ["f", "w3", "b3"], "y"),
            ],
            [-1, 3, side, side],
            ("w1", [channels, 3, 3, 3]), ("b1", [channels]), ("w2", [channels, channels, 2, 2]), ("w4", [channels, channels, 2, 2]), ("w3", [channels, 7]), ("b3", [7]));
        model.SetWeight("zero", [], [0f]);
        model.SetWeight("six", [], [6f]);
        // A channel of zeros, one of a large bias beside tiny weights, and one that is constant.
        Edit(model, "w1", (values, size) => { values.AsSpan(0, size).Clear(); values.AsSpan(size, size).Fill(1e-9f); });
        Edit(model, "b1", (values, _) => (values[0], values[1]) = (0.75f, 2));
        AssertRuns(model, [5, 3, side, side], "QLinearConv", "QLinearAdd", "QLinearAveragePool", "QLinearGlobalAveragePool", "QGemm", "MaxPool", "Flatten", "QuantizeLinear");
    }

    [Fact]
    public void Grouped_and_one_dimensional_convolutions_run_on_bytes()
    {
        using var grouped = Model(
            [Node("Conv", ["x", "w"], "c", ("group", [2])), Node("Conv", ["c", "d"], "e", ("group", [4])), Node("Neg", ["e"], "y")],
            [-1, 6, 5, 5], ("w", [4, 3, 3, 2]), ("d", [4, 1, 2, 2]));
        AssertRuns(grouped, [3, 6, 5, 5], "QLinearConv", "DequantizeLinear", "Neg", "QuantizeLinear");
        using var line = Model([Node("Conv", ["x", "w"], "c", ("dilations", [2])), Node("Sigmoid", ["c"], "y")], [-1, 3, 11], ("w", [5, 3, 3]));
        AssertRuns(line, [2, 3, 11], "QLinearConv", "DequantizeLinear", "Sigmoid", "QuantizeLinear");
    }

    [Fact]
    public void Attention_multiplies_activations_on_bytes()
    {
        using var model = Model(
            [
                Node("MatMul", ["x", "q"], "mq"), Node("Add", ["mq", "bq"], "aq"), Node("MatMul", ["x", "k"], "mk"), Node("MatMul", ["x", "v"], "mv"),
                Node("Transpose", ["mk"], "tk", ("perm", [0, 2, 1])), Node("MatMul", ["aq", "tk"], "s"), Node("Softmax", ["s"], "p"), Node("MatMul", ["p", "mv"], "h"),
                Node("MatMul", ["h", "o"], "m"), Node("Add", ["m", "x"], "y"),
            ],
            [-1, 9, 10], ("q", [10, 12]), ("k", [10, 12]), ("v", [10, 6]), ("o", [6, 10]), ("bq", [12]));
        var types = AssertRuns(model, [2, 9, 10], "QLinearMatMul", "MatMulIntegerToFloat", "Transpose", "Softmax", "Add", "QuantizeLinear");
        Assert.Equal((3, 3), (types.Count(type => type == "QLinearMatMul"), types.Count(type => type == "MatMulIntegerToFloat")));
        Assert.Single(types, "Add");
    }

    [Fact]
    public void Weights_of_8_bits_stay_off_the_integer_kernels_of_a_device_that_saturates()
    {
        using var model = Model([Node("Gemm", ["x", "w"], "h"), Node("Gemm", ["h", "v"], "y")], [-1, 40], ("w", [40, 30]), ("v", [30, 5]));
        var (lowered, quantized, layers) = Lower(model, [8, 40], DeviceCatalogue.Find("linux-x64", "linux-x64-avx2"));
        using (lowered)
        using (quantized)
        {
            Assert.All(layers, layer => Assert.Equal(KernelName.DenseFp32StoredInt8, layer.Kernel));
            Assert.DoesNotContain(lowered.Graph.Node, node => node.OpType is "QGemm" or "QuantizeLinear");
        }
    }

    [Fact]
    public void A_layer_with_a_sparse_kernel_reads_and_writes_floats_between_layers_on_bytes()
    {
        using var model = Model([Node("Gemm", ["x", "w"], "h"), Node("Relu", ["h"], "r"), Node("Gemm", ["r", "v"], "z"), Node("Gemm", ["z", "u"], "y")],
            [-1, 32], ("w", [32, 512]), ("v", [512, 512]), ("u", [512, 6]));
        // Rows are inputs: a block of 8 outputs and 4 inputs.
        Edit(model, "v", (values, _) =>
        {
            for (var index = 0; index < values.Length; index++)
                if (((index / 512 / 4) + (index % 512 / 8)) % 10 != 0)
                    values[index] = 0;
        });
        var (lowered, quantized, layers) = Lower(model, [64, 32], DeviceCatalogue.Find("linux-x64", "linux-x64-avx-vnni"));
        using (lowered)
        using (quantized)
        {
            Assert.Equal(["dense.int8 (static)", "block8x4.int8", "dense.int8 (static)"], layers.Select(layer => layer.Kernel));
            Assert.Equal(["QuantizeLinear", "QGemm", "Relu", "SparseMatMul", "QuantizeLinear", "QGemm"], lowered.Graph.Node.Select(node => node.OpType));
            AssertNear(quantized, lowered, [64, 32], 0.05);
        }
    }

    [Fact]
    public void A_ResNet_on_bytes_answers_as_its_float_parent()
    {
        const int images = 64;
        var path = Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "models", "cifar-resnet", "resnet20.onnx");
        var pixels = Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "data", "cifar10", "dev.images.u8");
        Assert.SkipUnless(File.Exists(path) && File.Exists(pixels), "the CIFAR ResNet is not on this machine");
        using var model = OnnxModel.Load(path);
        BatchNormFolding.Fold(model);
        var (input, output) = (model.Graph.Input[0].Name, model.Graph.Output[0].Name);
        var x = PruneBuild.Tests.CifarImages.Normalized(File.ReadAllBytes(pixels), 0, images);
        var batch = new CalibrationBatch(new Dictionary<string, CalibrationTensor> { [input] = new(x, [images, 3, 32, 32]) });
        var expected = Run(model, x, [images, 3, 32, 32], input, output);
        OnnxModel? ready = null;
        new StaticQuantizer(model, path, new StaticQuantizeOptions { BiasCorrection = true }, () => [batch]).Quantize(floats => ready = floats.Snapshot());
        using var lowered = ready!;
        var layers = ModelLowering.Lower(lowered, DeviceCatalogue.Find("linux-x64", "linux-x64-avx-vnni"), new LoweringOptions { BatchSize = images, StaticQuantized = model });
        Assert.All(layers, layer => Assert.Equal("dense.int8 (static)", layer.Kernel));
        Assert.DoesNotContain(lowered.Graph.Node, node => node.OpType is "Conv" or "Gemm" or "MatMul");
        // Two of the nine shortcuts are cut and padded, in float.
        Assert.InRange(lowered.Graph.Node.Count(node => node.OpType == "QLinearAdd"), 7, 9);
        var actual = Run(lowered, x, [images, 3, 32, 32], input, output);
        var classes = expected.Length / images;
        int Answer(float[] logits, int image) => logits.AsSpan(image * classes, classes).ToArray() is var row ? Array.IndexOf(row, row.Max()) : -1;
        Assert.InRange(Enumerable.Range(0, images).Count(image => Answer(expected, image) == Answer(actual, image)), 60, images);
    }

    private static List<string> AssertRuns(OnnxModel model, long[] shape, params string[] types)
    {
        var (lowered, quantized, layers) = Lower(model, shape, DeviceCatalogue.Find("linux-x64", "linux-x64-avx-vnni"));
        using (lowered)
        using (quantized)
        {
            Assert.All(layers, layer => Assert.Equal(("dense.int8 (static)", "int8"), (layer.Kernel, layer.Precision)));
            List<string> found = [.. lowered.Graph.Node.Select(node => node.OpType)];
            Assert.Equal(types.Order(StringComparer.Ordinal), found.Distinct().Order(StringComparer.Ordinal));
            AssertNear(quantized, lowered, shape, Steps);
            return found;
        }
    }

    /// <summary>The difference is a few steps of a byte for the range of the result, against the same model in float arithmetic.</summary>
    private static void AssertNear(OnnxModel quantized, OnnxModel lowered, long[] shape, double share)
    {
        var x = Random(5, (int)shape.Aggregate((product, size) => product * size));
        var (expected, actual) = (Run(quantized, x, shape), Run(lowered, x, shape));
        var range = expected.Max() - expected.Min();
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, share * range));
    }

    private static (OnnxModel Lowered, OnnxModel Quantized, IReadOnlyList<LoweredLayer> Layers) Lower(OnnxModel model, long[] shape, Device device)
    {
        var batch = new CalibrationBatch(new Dictionary<string, CalibrationTensor> { ["x"] = new(Random(5, (int)shape.Aggregate((product, size) => product * size)), shape) });
        OnnxModel? lowered = null;
        new StaticQuantizer(model, "model.onnx", new StaticQuantizeOptions { BiasCorrection = true }, () => [batch]).Quantize(ready => lowered = ready.Snapshot());
        var layers = ModelLowering.Lower(lowered!, device, new LoweringOptions { BatchSize = shape[0], StaticQuantized = model });
        return (lowered!, model.Snapshot(), layers);
    }

    private static float[] Run(OnnxModel model, float[] x, long[] shape, string inputName = "x", string output = "y")
    {
        var path = Path.GetTempFileName();
        try
        {
            model.Save(path);
            using var session = ModelSession.Open(path, 1);
            using var input = OrtValue.CreateTensorValueFromMemory(x, shape);
            using var options = new RunOptions();
            using var results = session.Run(options, [inputName], [input], [output]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static float[] Random(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)];
    }

    private static void Edit(OnnxModel model, string name, Action<float[], int> edit)
    {
        var weight = model.Weights[name];
        var values = weight.ReadSingles();
        edit(values, (int)(weight.Elements / weight.Shape[0]));
        model.SetWeight(name, [.. weight.Shape], values);
    }

    private static NodeProto Node(string op, string[] inputs, string output, params (string Name, long[] Values)[] attributes)
    {
        var node = new NodeProto { OpType = op, Name = output + "_node", Input = { inputs }, Output = { output } };
        foreach (var (name, values) in attributes)
        {
            if (name == "group")
                node.Set(name, values[0]);
            else
                node.Set(name, values);
        }
        return node;
    }

    private static OnnxModel Model(NodeProto[] nodes, long[] input, params (string Name, long[] Shape)[] weights)
    {
        static ValueInfoProto Value(string name, long[]? shape)
        {
            var tensor = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float };
            if (shape is not null)
            {
                tensor.Shape = new TensorShapeProto();
                tensor.Shape.Dim.Add(shape.Select(size => size < 0 ? new TensorShapeProto.Types.Dimension { DimParam = "batch" } : new TensorShapeProto.Types.Dimension { DimValue = size }));
            }
            return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
        }
        var model = OnnxModel.FromProto(new ModelProto
        {
            IrVersion = 8,
            Graph = new GraphProto { Name = "test", Node = { nodes }, Input = { Value("x", input) }, Output = { Value("y", null) } },
            OpsetImport = { new OperatorSetIdProto { Version = 17 } },
        });
        var seed = 10;
        foreach (var (name, shape) in weights)
            model.SetWeight(name, shape, Random(seed++, (int)shape.Aggregate((product, size) => product * size)));
        return model;
    }
}
