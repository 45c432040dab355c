using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>The operator families that are understood. A new one is its file and a line here.</summary>
internal static class DimensionRules
{
    private static readonly IDimensionRule[] Registered =
    [
        new Elementwise(),
        new Passthrough(),
        new MatMul(),
        new Gemm(),
        new Convolution(),
        new ChannelNormalization(),
        new LayerNormalization(),
        new Pooling(),
        new GlobalPooling(),
        new Reshape(),
        new Flatten(),
        new Squeeze(),
        new Unsqueeze(),
        new Transpose(),
        new Concat(),
        new Split(),
        new Slice(),
        new Gather(),
        new Pad(),
        new Reduction(),
        new Softmax(),
        new Expand(),
        new Tile(),
        new Triangle(),
        new Quantization(),
        new ShapeOf(),
        new ConstantOfShape(),
        new RangeOf(),
        new Constant(),
        new GroupQueryAttention(),
        new RotaryEmbedding(),
    ];

    private static readonly Dictionary<(string Domain, string Operator), IDimensionRule> ByOperator = Registered
        .SelectMany(rule => rule.Operators.Select(name => (Key: (rule.Domain, name), rule)))
        .ToDictionary(pair => pair.Key, pair => pair.rule);

    /// <summary>The rule of a node, or null.</summary>
    public static IDimensionRule? Find(NodeProto node) => ByOperator.GetValueOrDefault((node.Domain == "ai.onnx" ? "" : node.Domain, node.OpType));
}
