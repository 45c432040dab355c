namespace PruneBuild.Compression.Training.Operators;

/// <summary>The operators the interpreter runs.</summary>
internal static class TorchOperators
{
    /// <summary>Every operator; adding one is a file and a line here.</summary>
    public static IReadOnlyList<ITorchOperator> All { get; } =
    [
        new UnaryFunctions(),
        new BinaryFunctions(),
        new VariadicFunctions(),
        new Activations(),
        new Clip(),
        new Softmax(),
        new Convolution(),
        new MaxPooling(),
        new AveragePooling(),
        new GlobalPooling(),
        new BatchNormalization(),
        new LayerNormalization(),
        new RootMeanSquareNormalization(),
        new InstanceNormalization(),
        new Gemm(),
        new MatMul(),
        new Einsum(),
        new Reduction(),
        new ArgExtremum(),
        new CumulativeSum(),
        new Identity(),
        new Constant(),
        new ConstantOfShape(),
        new Range(),
        new Shape(),
        new Cast(),
        new Reshape(),
        new Flatten(),
        new Transpose(),
        new Squeeze(),
        new Unsqueeze(),
        new Slice(),
        new Gather(),
        new GatherElements(),
        new Concat(),
        new Split(),
        new Expand(),
        new Tile(),
        new Pad(),
        new Where(),
        new Trilu(),
        new DequantizeLinear(),
        new RotaryEmbedding(),
        new GroupQueryAttention(),
    ];

    private static readonly Dictionary<string, ITorchOperator> ByType = All
        .SelectMany(one => one.Types.Select(type => (type, one)))
        .ToDictionary(pair => pair.type, pair => pair.one, StringComparer.Ordinal);

    /// <summary>The operator of a type in a domain, or null.</summary>
    public static ITorchOperator? Find(string domain, string type) =>
        domain is "" or "ai.onnx" or "com.microsoft" ? ByType.GetValueOrDefault(type) : null;
}
