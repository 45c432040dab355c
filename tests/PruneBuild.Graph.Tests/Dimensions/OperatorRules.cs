using PruneBuild.Diagnostics;
using PruneBuild.Graph.Dimensions;
using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Graph.Tests.Dimensions;

/// <summary>One small graph for each operator family: which classes there are, and that every one can be sliced and permuted.</summary>
public sealed class OperatorRules(ITestOutputHelper output)
{
    private static int seed;

    private static readonly Dictionary<string, Func<ModelProto>> Graphs = new()
    {
        ["neurons between two MatMuls"] = () => Graph([2, 6],
            [Op("MatMul", ["x", "w1"], "a"), Op("Relu", ["a"], "b"), Op("MatMul", ["b", "w2"], "y")],
            W("w1", 6, 8), W("w2", 8, 5)),
        ["Gemm both ways round"] = () => Graph([2, 6],
            [Op("Gemm", ["x", "w1", "c1"], "a", ("transB", 1)), Op("Tanh", ["a"], "b"), Op("Gemm", ["b", "w2", "c2"], "y")],
            W("w1", 8, 6), W("c1", 8), W("w2", 8, 5), W("c2", 1, 5)),
        ["a weight transposed by a node"] = () => Graph([2, 6],
            [Op("Transpose", ["w1"], "t"), Op("MatMul", ["x", "t"], "a"), Op("MatMul", ["a", "w2"], "y")],
            W("w1", 8, 6), W("w2", 8, 5)),
        ["grouped convolution"] = () => Graph([2, 3, 5, 5],
            [Conv("x", "w1", "a", 1), Op("Relu", ["a"], "b"), Conv("b", "w2", "c", 4), Op("Relu", ["c"], "d"), Conv("d", "w3", "y", 1)],
            W("w1", 8, 3, 1, 1), W("w2", 12, 2, 3, 3), W("w3", 4, 12, 1, 1)),
        ["depthwise convolution"] = () => Graph([2, 3, 5, 5],
            [Conv("x", "w1", "a", 1), Conv("a", "w2", "b", 8), Op("Clip", ["b"], "c"), Conv("c", "w3", "y", 1)],
            W("w1", 8, 3, 1, 1), W("w2", 8, 1, 3, 3), W("w3", 4, 8, 1, 1)),
        ["batch normalization, pooling and a flattened image"] = () => Graph([2, 3, 6, 6],
            [Conv("x", "w1", "a", 1), Op("BatchNormalization", ["a", "s", "b", "m", "v"], "n"), Op("MaxPool", ["n"], "p", ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })),
                Op("Flatten", ["p"], "f"), Op("Gemm", ["f", "w2"], "y")],
            W("w1", 8, 3, 1, 1), W("s", 8), W("b", 8), W("m", 8), Positive("v", 8), W("w2", 72, 4)),
        ["a reshaped image"] = () => Graph([2, 3, 4, 4],
            [Conv("x", "w1", "a", 1), Op("Reshape", ["a", "shape"], "f"), Op("MatMul", ["f", "w2"], "y")],
            W("w1", 8, 3, 1, 1), Ints("shape", 2, 128), W("w2", 128, 4)),
        ["fused gate and up, split"] = () => Graph([2, 6],
            [Op("MatMul", ["x", "w1"], "a"), Split("a", 1, "g", "u"), Op("Sigmoid", ["g"], "s"), Op("Mul", ["s", "u"], "h"), Op("MatMul", ["h", "w2"], "y")],
            W("w1", 6, 16), W("w2", 8, 5)),
        ["split into unequal parts"] = () => Graph([2, 6],
            [Op("MatMul", ["x", "w1"], "a"), Split("a", 1, ["a", "sizes"], "p", "q"), Op("MatMul", ["p", "w2"], "r"), Op("MatMul", ["q", "w3"], "s"), Op("Add", ["r", "s"], "y")],
            W("w1", 6, 14), Ints("sizes", 8, 6), W("w2", 8, 5), W("w3", 6, 5)),
        ["concatenated branches"] = () => Graph([2, 6],
            [Op("MatMul", ["x", "w1"], "a"), Op("MatMul", ["x", "w2"], "b"), Op("Concat", ["a", "b"], "c", ("axis", 1)), Op("MatMul", ["c", "w3"], "y")],
            W("w1", 6, 8), W("w2", 6, 4), W("w3", 12, 5)),
        ["slices along the features"] = () => Graph([2, 6],
            [Op("MatMul", ["x", "w1"], "a"), Op("Slice", ["a", "s0", "e0", "ax"], "p"), Op("Slice", ["a", "s1", "e1", "ax"], "q"), Op("Mul", ["p", "q"], "h"), Op("MatMul", ["h", "w2"], "y")],
            W("w1", 6, 12), Ints("s0", 0), Ints("e0", 6), Ints("s1", -6), Ints("e1", long.MaxValue), Ints("ax", 1), W("w2", 6, 5)),
        ["gathered positions"] = () => Graph([2, 6],
            [Op("MatMul", ["x", "w1"], "a"), Op("Gather", ["a", "order"], "g", ("axis", 1)), Op("MatMul", ["g", "w2"], "y")],
            W("w1", 6, 4), Ints("order", 2, 0, 3, 1), W("w2", 4, 5)),
        ["padded channels"] = () => Graph([2, 3, 4, 4],
            [Conv("x", "w1", "a", 1), Op("Pad", ["a", "pads"], "p"), Conv("x", "w2", "b", 1), Op("Add", ["p", "b"], "c"), Op("Relu", ["c"], "d"), Conv("d", "w3", "y", 1)],
            W("w1", 4, 3, 1, 1), Ints("pads", 0, 2, 0, 0, 0, 2, 0, 0), W("w2", 8, 3, 1, 1), W("w3", 4, 8, 1, 1)),
        ["global pooling and squeeze"] = () => Graph([2, 3, 4, 4],
            [Conv("x", "w1", "a", 1), Op("GlobalAveragePool", ["a"], "p"), Op("Squeeze", ["p", "axes"], "q"), Op("Unsqueeze", ["q", "one"], "u"), Op("MatMul", ["u", "w2"], "y")],
            W("w1", 8, 3, 1, 1), Ints("axes", 2, 3), Ints("one", 1), W("w2", 8, 5)),
        ["an expanded vector"] = () => Graph([2, 6],
            [Op("MatMul", ["x", "w1"], "a"), Op("Expand", ["v", "shape"], "e"), Op("Add", ["a", "e"], "b"), Op("MatMul", ["b", "w2"], "y")],
            W("w1", 6, 8), W("v", 1), Ints("shape", 2, 8), W("w2", 8, 5)),
        ["sums over other axes"] = () => Graph([2, 4, 6],
            [Op("MatMul", ["x", "w1"], "a"), Op("ReduceMean", ["a"], "r", ("axes", new long[] { 1 }), ("keepdims", 0)), Op("MatMul", ["r", "w2"], "y")],
            W("w1", 6, 8), W("w2", 8, 5)),
        ["a softmax over other axes"] = () => Graph([2, 4, 6],
            [Op("MatMul", ["x", "w1"], "a"), Op("Softmax", ["a"], "s", ("axis", 1)), Op("MatMul", ["s", "w2"], "y")],
            W("w1", 6, 8), W("w2", 8, 5)),
        ["a layer normalization in the middle"] = () => Graph([2, 6],
            [Op("MatMul", ["x", "w1"], "a"), Op("LayerNormalization", ["a", "s", "b"], "n"), Op("MatMul", ["n", "w2"], "y")],
            W("w1", 6, 8), W("s", 8), W("b", 8), W("w2", 8, 5)),
        ["int8 weights behind DequantizeLinear"] = () => Graph([2, 6],
            [Op("DequantizeLinear", ["q1", "s1"], "w1", ("axis", 1)), Op("MatMul", ["x", "w1"], "a"), Op("Relu", ["a"], "b"),
                Op("DequantizeLinear", ["q2", "s2"], "w2", ("axis", 1)), Op("MatMul", ["b", "w2"], "y")],
            Bytes("q1", 6, 8), Positive("s1", 8), Bytes("q2", 8, 5), Positive("s2", 5)),
    };

    public static TheoryData<string, string> Cases => new()
    {
        { "neurons between two MatMuls", "8" },
        { "Gemm both ways round", "8" },
        { "a weight transposed by a node", "8" },
        { "grouped convolution", "4 2 3" },
        { "depthwise convolution", "8" },
        { "batch normalization, pooling and a flattened image", "8" },
        { "a reshaped image", "8" },
        { "fused gate and up, split", "8" },
        { "split into unequal parts", "8 6" },
        { "concatenated branches", "8 4" },
        { "slices along the features", "6" },
        { "gathered positions", "4" },
        { "padded channels", "4 4" },
        { "global pooling and squeeze", "8" },
        { "an expanded vector", "8" },
        { "sums over other axes", "8" },
        { "a softmax over other axes", "8" },
        { "a layer normalization in the middle", "(8)" },
        { "int8 weights behind DequantizeLinear", "8" },
    };

    /// <param name="name">The graph.</param>
    /// <param name="sizes">Sizes of its classes that are not frozen; in brackets those that can only be permuted.</param>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_class_is_found_and_can_be_edited(string name, string sizes)
    {
        seed = 0;
        var proto = Graphs[name]();
        var classes = EditOracle.CheckAll(() => OnnxModel.FromProto(proto), output.WriteLine);
        Assert.Equal(sizes, string.Join(' ', classes.Where(found => found.FrozenReason is null)
            .Select(found => found.ReductionReason is null ? $"{found.Size}" : $"({found.Size})")));
    }

    [Fact]
    public void An_unknown_operator_freezes_what_it_touches_and_says_its_name()
    {
        var proto = Graph([2, 6], [Op("MatMul", ["x", "w1"], "a"), Op("Mystery", ["a"], "b"), Op("MatMul", ["x", "w2"], "c"), Op("MatMul", ["c", "w3"], "y")],
            W("w1", 6, 8), W("w2", 6, 4), W("w3", 4, 5));
        using var model = OnnxModel.FromProto(proto);
        var classes = DimensionClosure.Analyze(model);
        var frozen = classes.Single(found => found.Size == 8);
        Assert.Contains("Mystery", frozen.FrozenReason, StringComparison.Ordinal);
        var refusal = Assert.Throws<PruneBuildException>(() => DimensionEdit.Select(model, frozen, [0, 1]));
        Assert.Equal("PB3020", refusal.Diagnostic.Code);
        Assert.Null(classes.Single(found => found.Size == 4).FrozenReason);
        Assert.Equal([6, 8], model.Weights["w1"].Shape);
    }

    [Fact]
    public void A_distribution_over_the_class_freezes_it()
    {
        var proto = Graph([2, 6], [Op("MatMul", ["x", "w1"], "a"), Op("Softmax", ["a"], "s"), Op("MatMul", ["s", "w2"], "y")], W("w1", 6, 8), W("w2", 8, 5));
        using var model = OnnxModel.FromProto(proto);
        Assert.Contains("Softmax", DimensionClosure.Analyze(model).Single(found => found.Size == 8).FrozenReason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_that_becomes_data_freezes_its_axis()
    {
        var proto = Graph([2, 6],
            [Op("MatMul", ["x", "w1"], "a"), Op("Shape", ["a"], "s"), Op("Gather", ["s", "last"], "n"), Op("Cast", ["n"], "f", ("to", 1)), Op("Div", ["a", "f"], "d"), Op("MatMul", ["d", "w2"], "y")],
            W("w1", 6, 8), Ints("last", 1), W("w2", 8, 5));
        using var model = OnnxModel.FromProto(proto);
        Assert.Contains("computes with its size", DimensionClosure.Analyze(model).Single(found => found.Size == 8).FrozenReason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stale_class_and_a_wrong_selection_are_refused()
    {
        using var model = OnnxModel.FromProto(Graphs["neurons between two MatMuls"]());
        var found = DimensionClosure.Analyze(model).Single(found => found.Size == 8);
        Assert.Throws<ArgumentException>(() => DimensionEdit.Select(model, found, [0, 0]));
        Assert.Throws<ArgumentException>(() => DimensionEdit.Select(model, found, [8]));
        Assert.Throws<ArgumentException>(() => DimensionEdit.Select(model, found, []));
        DimensionEdit.Select(model, found, [3, 1]);
        Assert.Throws<ArgumentException>(() => DimensionEdit.Select(model, found, [0]));
    }

    private static ModelProto Graph(long[] input, NodeProto[] nodes, params TensorProto[] weights)
    {
        var model = TestModels.Model(nodes);
        model.Graph.Input.Add(TestModels.Value("x", DataType.Float, input));
        model.Graph.Output.Add(new ValueInfoProto
        {
            Name = "y",
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } },
        });
        model.Graph.Initializer.Add(weights);
        return model;
    }

    private static NodeProto Op(string type, string[] inputs, string result, params (string Name, object Value)[] attributes)
    {
        var node = TestModels.Node(type, inputs, result);
        foreach (var (name, value) in attributes)
        {
            if (value is long[] list)
                node.Set(name, list);
            else
                node.Set(name, Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
        }
        return node;
    }

    private static NodeProto Conv(string x, string w, string y, int group) => Op("Conv", [x, w], y, ("group", group));

    private static NodeProto Split(string input, int axis, params string[] outputs) => Split(input, axis, [input], outputs);

    private static NodeProto Split(string input, int axis, string[] inputs, params string[] outputs)
    {
        var node = TestModels.Node("Split", inputs, outputs);
        node.Name = $"Split_{input}";
        node.Set("axis", axis);
        return node;
    }

    private static TensorProto W(string name, params long[] shape) =>
        TestModels.Floats(name, shape, TestModels.Random((int)shape.Aggregate(1L, (product, size) => product * size), ++seed));

    private static TensorProto Positive(string name, params long[] shape) =>
        TestModels.Floats(name, shape, Array.ConvertAll(TestModels.Random((int)shape[0], ++seed), value => Math.Abs(value) + 0.5f));

    private static TensorProto Ints(string name, params long[] values) =>
        TestModels.Raw(name, DataType.Int64, [values.Length], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static TensorProto Bytes(string name, params long[] shape) =>
        TestModels.Raw(name, DataType.Int8, shape, [.. Enumerable.Range(0, (int)(shape[0] * shape[1])).Select(index => (byte)(sbyte)((index * 37 % 200) - 100))]);
}
