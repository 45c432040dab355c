using System.Runtime.InteropServices;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Training;
using PruneBuild.Compression.Training.Operators;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using Elements = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Compression.Tests.Training;

/// <summary>Every operator computes what ONNX Runtime computes.</summary>
public sealed class OperatorTests
{
    private static readonly Dictionary<string, Case> Cases = All().ToDictionary(one => one.Name);

    public static TheoryData<string> Names() => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_operator_agrees_with_ONNX_Runtime(string name)
    {
        var (model, batch) = Cases[name].Build();
        using (model)
            OnnxRuntimeOracle.AssertAgrees(model, batch);
    }

    // ONNX Runtime has no CPU kernel for the first of these: they are checked below. Attention is in ImportedModelTests.
    private static readonly string[] CheckedElsewhere =
        ["QuickGelu", "Swish", "RMSNormalization", "SimplifiedLayerNormalization", "FastGelu", "CastLike", "GroupQueryAttention", "RotaryEmbedding"];

    [Fact]
    public void Every_registered_operator_has_a_case() =>
        Assert.Empty(TorchOperators.All.SelectMany(one => one.Types).Except(Cases.Values.Select(one => one.Type)).Except(CheckedElsewhere));

    [Theory]
    [InlineData("RMSNormalization")]
    [InlineData("SimplifiedLayerNormalization")]
    public void Root_mean_square_normalization_divides_by_the_root_of_the_mean_square(string type)
    {
        float[] x = [3, 4, -1, 7], scale = [2, -1];
        using var model = TestModels.Model([TestModels.Node(type, ["x", "s"], "y", ("epsilon", 1e-6f))], [("x", [2, 2])], ["y"], [("s", [2], scale)], 17);
        var y = (float[])TorchInterpreter.Run(model, TestModels.Batch("x", x, 2, 2))["y"].Data;
        for (var index = 0; index < 4; index++)
        {
            var (a, b) = (x[index / 2 * 2], x[(index / 2 * 2) + 1]);
            Assert.Equal(x[index] / Math.Sqrt(((a * a) + (b * b)) / 2) * scale[index % 2], y[index], 1e-5);
        }
    }

    [Theory]
    [InlineData("QuickGelu", 1.702)]
    [InlineData("Swish", 1)]
    public void A_gated_sigmoid_is_x_times_its_sigmoid(string type, double alpha)
    {
        float[] x = [-3, -0.5f, 0, 2];
        using var model = TestModels.Model([TestModels.Node(type, ["x"], "y")], [("x", [4])], ["y"], []);
        var y = (float[])TorchInterpreter.Run(model, TestModels.Batch("x", x, 4))["y"].Data;
        Assert.All(x.Zip(y), pair => Assert.Equal(pair.First / (1 + Math.Exp(-alpha * pair.First)), pair.Second, 1e-5));
    }

    [Fact]
    public void The_hyperbolic_gelu_is_close_to_the_exact_one()
    {
        float[] x = [-3, -0.5f, 0, 2];
        using var fast = TestModels.Model([TestModels.Node("FastGelu", ["x"], "y")], [("x", [4])], ["y"], []);
        using var exact = TestModels.Model([TestModels.Node("Gelu", ["x"], "y")], [("x", [4])], ["y"], [], 20);
        var (a, b) = ((float[])TorchInterpreter.Run(fast, TestModels.Batch("x", x, 4))["y"].Data, (float[])TorchInterpreter.Run(exact, TestModels.Batch("x", x, 4))["y"].Data);
        Assert.All(a.Zip(b), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    [Fact]
    public void An_unknown_operator_is_an_error_that_names_node_and_operator()
    {
        using var model = TestModels.Model([TestModels.Node("NonMaxSuppression", ["x"], "y")], [("x", [4])], ["y"], []);
        var error = Assert.Throws<PruneBuildException>(() => TorchInterpreter.Run(model, TestModels.Batch("x", new float[4], 4)));
        Assert.Equal("PB3007", error.Diagnostic.Code);
        Assert.Contains("y_node", error.Message);
        Assert.Contains("NonMaxSuppression", error.Message);
    }

    [Fact]
    public void An_unknown_attribute_value_is_an_error()
    {
        using var model = TestModels.Model([TestModels.Node("Gelu", ["x"], "y", ("approximate", "cubic"))], [("x", [4])], ["y"], [], 20);
        var error = Assert.Throws<PruneBuildException>(() => TorchInterpreter.Run(model, TestModels.Batch("x", new float[4], 4)));
        Assert.Contains("cubic", error.Message);
    }

    [Theory]
    [InlineData("MatMul")]
    [InlineData("Gemm")]
    [InlineData("Add")]
    [InlineData("Conv")]
    [InlineData("Concat")]
    [InlineData("Where")]
    public void Shapes_that_do_not_fit_are_an_error_of_the_node(string type)
    {
        using var model = TestModels.Model([TestModels.Node(type, ["x", "w"], "y")], [("x", [2, 3])], ["y"], [("w", [5, 7], new float[35])]);
        var error = Assert.Throws<PruneBuildException>(() => TorchInterpreter.Run(model, TestModels.Batch("x", new float[6], 2, 3)));
        Assert.Equal("PB3007", error.Diagnostic.Code);
    }

    [Fact]
    public void Int64_values_above_the_precision_of_a_float_stay_exact()
    {
        const long large = (1L << 53) + 1;
        using var model = Build([TestModels.Node("Add", ["x", "one"], "y")], [Longs("x", [2], large, -large)], ["y"], [Longs("one", [], 2)]).Model;
        var batch = new CalibrationBatch(new Dictionary<string, CalibrationTensor> { ["x"] = new(new[] { large, -large }, [2]) });
        Assert.Equal([large + 2, 2 - large], (long[])TorchInterpreter.Run(model, batch)["y"].Data);
    }

    private static IEnumerable<Case> All()
    {
        (string, object)[] none = [];
        foreach (var type in new[] { "Abs", "Neg", "Exp", "Floor", "Ceil", "Round", "Sign", "Sin", "Cos", "Erf", "Tanh", "Sigmoid", "Relu", "Softplus", "Softsign", "HardSwish", "Identity", "Dropout", "Reciprocal", "Flatten", "Shape", "Size" })
            yield return new(type, type, [X("x", 2, 3, 4)], [], none, 15);
        yield return new("Mish", "Mish", [X("x", 2, 3, 4)], [], none, 18);
        foreach (var type in new[] { "Log", "Sqrt" })
            yield return new(type, type, [Positive("x", 2, 3, 4)], [], none);
        yield return new("Round to even", "Round", [Floats("x", [6], 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 0.4f)], [], none);
        yield return new("Not", "Not", [Booleans("x", [2], true, false)], [], none);
        yield return new("IsNaN", "IsNaN", [Floats("x", [2], 1, float.NaN)], [], none);

        foreach (var type in new[] { "Add", "Sub", "Mul", "Div", "PRelu", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Max", "Min", "Sum", "Mean" })
            yield return new(type + " with broadcast", type, [X("x", 2, 3, 4)], [X("w", 3, 1)], none, 16);
        foreach (var type in new[] { "Add", "Sub", "Mul", "Max", "Min" })
            yield return new(type + " to a higher rank", type, [X("x", 4)], [X("w", 2, 3, 4)], none, 16);
        yield return new("Max of three", "Max", [X("x", 2, 3)], [X("w", 3), X("v", 2, 1)], none);
        yield return new("Mean of three", "Mean", [X("x", 2, 3)], [X("w", 3), X("v", 2, 1)], none);
        yield return new("Div of integers truncates", "Div", [Longs("x", [4], 7, -7, 9, -9)], [Longs("w", [], 2)], none);
        yield return new("Mod of integers", "Mod", [Longs("x", [4], 7, -7, 9, -9)], [Longs("w", [], 4)], none);
        yield return new("Mod of floats", "Mod", [X("x", 6)], [Floats("w", [], 0.3f)], [("fmod", 1L)]);
        yield return new("Pow", "Pow", [Positive("x", 2, 3)], [Floats("w", [3], 2, 0.5f, -1)], none);
        yield return new("Pow of integers", "Pow", [Longs("x", [3], 2, 3, -4)], [Longs("w", [], 3)], none, 15);
        foreach (var type in new[] { "And", "Or", "Xor" })
            yield return new(type, type, [Booleans("x", [2, 1], true, false)], [Booleans("w", [2], true, false)], none);

        yield return new("LeakyRelu", "LeakyRelu", [X("x", 3, 4)], [], [("alpha", 0.2f)]);
        yield return new("Elu", "Elu", [X("x", 3, 4)], [], [("alpha", 0.7f)]);
        yield return new("Selu", "Selu", [X("x", 3, 4)], [], none);
        yield return new("HardSigmoid", "HardSigmoid", [X("x", 3, 4)], [], [("alpha", 0.9f), ("beta", 0.4f)]);
        yield return new("ThresholdedRelu", "ThresholdedRelu", [X("x", 3, 4)], [], [("alpha", 0.3f)]);
        yield return new("Gelu", "Gelu", [X("x", 3, 4)], [], none, 20);
        yield return new("Gelu tanh", "Gelu", [X("x", 3, 4)], [], [("approximate", "tanh")], 20);
        yield return new("Clip", "Clip", [X("x", 3, 4)], [Floats("low", [], -0.2f), Floats("high", [], 0.4f)], none);
        yield return new("Clip below", "Clip", [X("x", 3, 4)], [Floats("low", [], -0.2f)], none);
        yield return new("Clip by attributes", "Clip", [X("x", 3, 4)], [], [("min", -0.2f), ("max", 0.3f)], 9);
        foreach (var type in new[] { "Softmax", "LogSoftmax" })
        {
            yield return new(type, type, [X("x", 2, 3, 4)], [], none);
            yield return new(type + " over the middle", type, [X("x", 2, 3, 4)], [], [("axis", 1L)]);
            yield return new(type + " of opset 11", type, [X("x", 2, 3, 4)], [], [("axis", 1L)], 11);
        }

        (string, object)[][] windows =
        [
            none, [("pads", new long[] { 1, 1, 1, 1 })], [("pads", new long[] { 0, 1, 2, 1 }), ("strides", new long[] { 2, 1 })],
            [("dilations", new long[] { 2, 1 }), ("pads", new long[] { 2, 0, 2, 0 })],
            [("auto_pad", "SAME_UPPER"), ("strides", new long[] { 2, 2 })], [("auto_pad", "SAME_LOWER"), ("strides", new long[] { 2, 2 })], [("auto_pad", "VALID")],
        ];
        foreach (var (window, index) in windows.Select((window, index) => (window, index)))
        {
            yield return new($"Conv {index}", "Conv", [X("x", 2, 4, 8, 7)], [X("w", 6, 4, 3, 3), X("b", 6)], window);
            yield return new($"Conv in groups {index}", "Conv", [X("x", 2, 4, 8, 7)], [X("w", 6, 2, 3, 3)], [("group", 2L), .. window]);
            yield return new($"Conv depthwise {index}", "Conv", [X("x", 2, 4, 8, 7)], [X("w", 4, 1, 2, 3)], [("group", 4L), .. window]);
            if (!window.Any(attribute => attribute.Item1 == "pads" && ((long[])attribute.Item2).Max() > 1))
                yield return new($"MaxPool {index}", "MaxPool", [X("x", 2, 4, 8, 7)], [], [("kernel_shape", new long[] { 3, 3 }), .. window]);
            if (!window.Any(attribute => attribute.Item1 == "dilations"))
            {
                yield return new($"AveragePool {index}", "AveragePool", [X("x", 2, 4, 8, 7)], [], [("kernel_shape", new long[] { 3, 3 }), .. window]);
                yield return new($"AveragePool with padding {index}", "AveragePool", [X("x", 2, 4, 8, 7)], [], [("kernel_shape", new long[] { 3, 3 }), ("count_include_pad", 1L), .. window]);
            }
        }
        yield return new("Conv of one dimension", "Conv", [X("x", 2, 4, 9)], [X("w", 6, 4, 3), X("b", 6)], [("pads", new long[] { 2, 0 }), ("strides", new long[] { 2 })]);
        yield return new("MaxPool of one dimension", "MaxPool", [X("x", 2, 4, 9)], [], [("kernel_shape", new long[] { 2 }), ("strides", new long[] { 2 })]);
        yield return new("MaxPool rounding up", "MaxPool", [X("x", 2, 4, 8, 7)], [], [("kernel_shape", new long[] { 3, 2 }), ("strides", new long[] { 2, 2 }), ("ceil_mode", 1L)]);
        yield return new("AveragePool rounding up", "AveragePool", [X("x", 2, 4, 8, 7)], [], [("kernel_shape", new long[] { 3, 2 }), ("strides", new long[] { 2, 2 }), ("ceil_mode", 1L)]);
        yield return new("GlobalAveragePool", "GlobalAveragePool", [X("x", 2, 4, 5, 3)], [], none);
        yield return new("GlobalMaxPool", "GlobalMaxPool", [X("x", 2, 4, 5)], [], none);

        yield return new("BatchNormalization", "BatchNormalization", [X("x", 2, 4, 5, 3)], [X("s", 4), X("b", 4), X("m", 4), Positive("v", 4)], [("epsilon", 1e-3f)]);
        yield return new("BatchNormalization of a matrix", "BatchNormalization", [X("x", 5, 4)], [X("s", 4), X("b", 4), X("m", 4), Positive("v", 4)], none);
        yield return new("LayerNormalization", "LayerNormalization", [X("x", 2, 3, 4)], [X("s", 4), X("b", 4)], none, 17);
        yield return new("LayerNormalization of two dimensions", "LayerNormalization", [X("x", 2, 3, 4)], [X("s", 3, 4)], [("axis", 1L), ("epsilon", 1e-2f)], 17);
        yield return new("InstanceNormalization", "InstanceNormalization", [X("x", 2, 3, 4, 5)], [X("s", 3), X("b", 3)], none);

        yield return new("Gemm", "Gemm", [X("x", 3, 4)], [X("w", 4, 5), X("b", 5)], none);
        yield return new("Gemm transposed and scaled", "Gemm", [X("x", 4, 3)], [X("w", 5, 4), X("b", 3, 1)], [("transA", 1L), ("transB", 1L), ("alpha", 0.5f), ("beta", 2f)]);
        yield return new("MatMul", "MatMul", [X("x", 2, 1, 3, 4)], [X("w", 5, 4, 2)], none);
        yield return new("MatMul by a vector", "MatMul", [X("x", 3, 4)], [X("w", 4)], none);
        yield return new("Einsum", "Einsum", [X("x", 2, 3, 4)], [X("w", 4, 5)], [("equation", "abc,cd->adb")]);

        foreach (var type in new[] { "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp" })
        {
            yield return new(type, type, [X("x", 2, 3, 4)], [], [("axes", new long[] { -1, 0 })]);
            yield return new(type + " of everything", type, [X("x", 2, 3, 4)], [], [("keepdims", 0L)]);
            yield return new(type + " with axes as input", type, [X("x", 2, 3, 4)], [Longs("a", [1], 1)], [("keepdims", 0L)], 18);
        }
        yield return new("ReduceLogSum", "ReduceLogSum", [Positive("x", 2, 3, 4)], [], [("axes", new long[] { 1 })]);
        yield return new("ReduceSum", "ReduceSum", [X("x", 2, 3, 4)], [Longs("a", [2], 1, 2)], [("keepdims", 0L)]);
        yield return new("ReduceSum of nothing", "ReduceSum", [X("x", 2, 3, 4)], [Longs("a", [0])], [("noop_with_empty_axes", 1L)]);
        yield return new("ReduceSum of integers", "ReduceSum", [Integers("x", [2, 2], 1, 2, 3, 4)], [Longs("a", [1], 0)], none);
        yield return new("ArgMax", "ArgMax", [X("x", 2, 3, 4)], [], [("axis", 1L)]);
        yield return new("ArgMin", "ArgMin", [X("x", 2, 3, 4)], [], [("axis", -1L), ("keepdims", 0L)]);
        yield return new("CumSum", "CumSum", [X("x", 2, 3)], [Longs("a", [], 1)], none);

        yield return new("Constant", "Constant", [], [], [("value_floats", new[] { 1f, 2f })]);
        yield return new("ConstantOfShape", "ConstantOfShape", [Longs("x", [2], 2, 3)], [], none);
        yield return new("Range", "Range", [Longs("x", [], 2)], [Longs("limit", [], 11), Longs("step", [], 3)], none);
        yield return new("Range downwards", "Range", [Longs("x", [], 5)], [Longs("limit", [], -2), Longs("step", [], -2)], none);
        yield return new("Range of floats", "Range", [Floats("x", [], 0.5f)], [Floats("limit", [], 2), Floats("step", [], 0.25f)], none);
        yield return new("Part of a shape", "Shape", [X("x", 2, 3, 4)], [], [("start", 1L), ("end", -1L)], 15);
        yield return new("Cast to integers", "Cast", [Floats("x", [4], 1.7f, -1.7f, 0, 9)], [], [("to", (long)Elements.Int64)]);
        yield return new("Cast to booleans", "Cast", [Floats("x", [3], 1.7f, 0, -3)], [], [("to", (long)Elements.Bool)]);
        yield return new("Cast of integers", "Cast", [Longs("x", [3], 1, 0, -3)], [], [("to", (long)Elements.Float)]);
        yield return new("Reshape", "Reshape", [X("x", 2, 3, 4)], [Longs("s", [2], 0, -1)], none);
        yield return new("Flatten at 2", "Flatten", [X("x", 2, 3, 4)], [], [("axis", 2L)]);
        yield return new("Transpose", "Transpose", [X("x", 2, 3, 4)], [], none);
        yield return new("Transpose by a permutation", "Transpose", [X("x", 2, 3, 4)], [], [("perm", new long[] { 1, 2, 0 })]);
        yield return new("Squeeze", "Squeeze", [X("x", 1, 3, 1)], [], none);
        yield return new("Squeeze of an axis", "Squeeze", [X("x", 1, 3, 1)], [Longs("a", [1], -1)], none);
        yield return new("Squeeze by attribute", "Squeeze", [X("x", 1, 3, 1)], [], [("axes", new long[] { 0 })], 11);
        yield return new("Unsqueeze", "Unsqueeze", [X("x", 3, 4)], [Longs("a", [2], 0, -1)], none);
        yield return new("Slice", "Slice", [X("x", 5, 6)], [Longs("s", [2], 1, -3), Longs("e", [2], 4, long.MaxValue), Longs("a", [2], 0, 1)], none);
        yield return new("Slice with steps", "Slice", [X("x", 5, 6)], [Longs("s", [2], 0, -1), Longs("e", [2], 5, long.MinValue), Longs("a", [2], 0, 1), Longs("t", [2], 2, -2)], none);
        yield return new("Slice of nothing", "Slice", [X("x", 5, 6)], [Longs("s", [1], 4), Longs("e", [1], 2)], none);
        yield return new("Slice by attributes", "Slice", [X("x", 5, 6)], [], [("starts", new long[] { 1 }), ("ends", new long[] { -1 }), ("axes", new long[] { 1 })], 9);
        yield return new("Gather", "Gather", [X("x", 3, 4, 2)], [Longs("i", [2, 2], 0, -1, 2, 1)], [("axis", 1L)]);
        yield return new("Gather of a scalar", "Gather", [X("x", 3, 4)], [Longs("i", [], 2)], none);
        yield return new("GatherElements", "GatherElements", [X("x", 3, 4)], [Longs("i", [3, 2], 0, -1, 2, 1, 3, 0)], [("axis", 1L)]);
        yield return new("Concat", "Concat", [X("x", 2, 3)], [X("w", 2, 1), X("v", 2, 2)], [("axis", -1L)]);
        yield return new("Split", "Split", [X("x", 2, 6)], [Longs("s", [1], 6)], [("axis", 1L)]);
        yield return new("Expand", "Expand", [X("x", 3, 1)], [Longs("s", [3], 2, 1, 4)], none);
        yield return new("Tile", "Tile", [X("x", 2, 3)], [Longs("r", [2], 2, 3)], none);
        yield return new("Pad", "Pad", [X("x", 2, 3)], [Longs("p", [4], 0, 1, 2, 0), Floats("v", [], 0.5f)], none);
        yield return new("Pad that crops", "Pad", [X("x", 4, 5)], [Longs("p", [4], -1, 1, 0, -2)], none);
        yield return new("Pad mirrored", "Pad", [X("x", 4, 5)], [Longs("p", [4], 1, 2, 0, 3)], [("mode", "reflect")]);
        yield return new("Pad with edges", "Pad", [X("x", 4, 5)], [Longs("p", [4], 1, 2, 0, 3)], [("mode", "edge")]);
        yield return new("Where", "Where", [Booleans("x", [2, 1], true, false)], [X("a", 2, 3), X("b", 3)], none);
        yield return new("Trilu", "Trilu", [X("x", 2, 4, 4)], [], none, 14);
        yield return new("Trilu lower", "Trilu", [X("x", 4, 5)], [Longs("k", [], -1)], [("upper", 0L)], 14);
        yield return new("DequantizeLinear", "DequantizeLinear", [], [Bytes("w", [2, 3], 0, 3, 255, 7, 128, 90), Floats("s", [], 0.1f), Bytes("z", [], 128)], none);
        yield return new("DequantizeLinear by axis", "DequantizeLinear", [], [Bytes("w", [2, 3], 0, 3, 255, 7, 128, 90), Floats("s", [2], 0.1f, 0.3f), Bytes("z", [2], 128, 3)], [("axis", 0L)]);
    }

    private static Value X(string name, params long[] shape) => new(name, shape, TestModels.Random(name[0], (int)shape.Aggregate(1L, (product, size) => product * size)));

    private static Value Positive(string name, params long[] shape) =>
        new(name, shape, ((float[])X(name, shape).Data).Select(value => Math.Abs(value) + 0.1f).ToArray());

    private static Value Floats(string name, long[] shape, params float[] values) => new(name, shape, values);

    private static Value Longs(string name, long[] shape, params long[] values) => new(name, shape, values);

    private static Value Integers(string name, long[] shape, params int[] values) => new(name, shape, values);

    private static Value Bytes(string name, long[] shape, params byte[] values) => new(name, shape, values);

    private static Value Booleans(string name, long[] shape, params bool[] values) => new(name, shape, values);

    private static (OnnxModel Model, CalibrationBatch Batch) Build(IEnumerable<NodeProto> nodes, Value[] inputs, string[] outputs, Value[] constants, long opset = 13)
    {
        var proto = new ModelProto { IrVersion = 9, Graph = new GraphProto { Name = "test" } };
        proto.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
        proto.Graph.Node.AddRange(nodes);
        proto.Graph.Input.AddRange(inputs.Select(input =>
        {
            var tensor = new TypeProto.Types.Tensor { ElemType = (int)input.Type, Shape = new TensorShapeProto() };
            tensor.Shape.Dim.AddRange(input.Shape.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
            return new ValueInfoProto { Name = input.Name, Type = new TypeProto { TensorType = tensor } };
        }));
        proto.Graph.Output.AddRange(outputs.Select(output => new ValueInfoProto { Name = output }));
        var model = OnnxModel.FromProto(proto);
        foreach (var constant in constants)
            model.SetWeight(constant.Name, constant.Type, constant.Shape, constant.Raw);
        return (model, new CalibrationBatch(inputs.ToDictionary(input => input.Name, input => new CalibrationTensor(input.Data, input.Shape))));
    }

    private sealed record Value(string Name, long[] Shape, Array Data)
    {
        public Elements Type => Data switch
        {
            float[] => Elements.Float,
            long[] => Elements.Int64,
            int[] => Elements.Int32,
            byte[] => Elements.Uint8,
            _ => Elements.Bool,
        };

        public byte[] Raw => Data switch
        {
            float[] values => MemoryMarshal.AsBytes<float>(values).ToArray(),
            long[] values => MemoryMarshal.AsBytes<long>(values).ToArray(),
            int[] values => MemoryMarshal.AsBytes<int>(values).ToArray(),
            byte[] values => values,
            var values => MemoryMarshal.AsBytes<bool>((bool[])values).ToArray(),
        };
    }

    private sealed record Case(string Name, string Type, Value[] Inputs, Value[] Constants, (string, object)[] Attributes, long Opset = 13)
    {
        public (OnnxModel Model, CalibrationBatch Batch) Build()
        {
            var plain = Attributes.Where(attribute => attribute.Item2 is not float[]).ToArray();
            var node = TestModels.Node(Type, [.. Inputs.Concat(Constants).Select(value => value.Name)], "y", plain);
            foreach (var (name, values) in Attributes.Except(plain))
            {
                var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Floats };
                attribute.Floats.Add((float[])values);
                node.Attribute.Add(attribute);
            }
            return OperatorTests.Build([node], Inputs, ["y"], Constants, Opset);
        }
    }
}
