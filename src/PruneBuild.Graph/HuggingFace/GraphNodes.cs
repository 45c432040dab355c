using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>A graph while it is put together; a node's first output has the node's name.</summary>
internal sealed class GraphNodes(string name, Checkpoint checkpoint)
{
    /// <summary>Domain of the operators that only ONNX Runtime knows.</summary>
    public const string Runtime = "com.microsoft";

    private readonly Dictionary<string, WeightTensor> weights = new(StringComparer.Ordinal);

    /// <summary>The graph; initializers are in <see cref="Weights"/>.</summary>
    public GraphProto Graph { get; } = new() { Name = name };

    /// <summary>The initializers, in the order of their first use.</summary>
    public List<WeightTensor> Weights { get; } = [];

    /// <summary>Adds a node.</summary>
    /// <param name="name">Of the node and its first output.</param>
    /// <param name="operatorType">Operator.</param>
    /// <param name="inputs">Values; empty for those left out.</param>
    /// <param name="domain">Of the operator.</param>
    public NodeProto Node(string name, string operatorType, IEnumerable<string> inputs, string domain = "")
    {
        var node = new NodeProto { Name = name, OpType = operatorType, Domain = domain, Output = { name } };
        node.Input.Add(inputs);
        Graph.Node.Add(node);
        return node;
    }

    /// <summary>Adds a node without attributes.</summary>
    /// <returns>Its output.</returns>
    public string Apply(string name, string operatorType, params string[] inputs) => Node(name, operatorType, inputs).Output[0];

    /// <summary>Adds a node that wants one integer attribute.</summary>
    /// <returns>Its output.</returns>
    public string With(string name, string operatorType, string attribute, long value, params string[] inputs)
    {
        var node = Node(name, operatorType, inputs);
        node.Set(attribute, value);
        return node.Output[0];
    }

    /// <summary>x times a matrix, plus a bias where there is one.</summary>
    public string Linear(LinearPart part, string x)
    {
        var product = Apply(part.Name, "MatMul", x, Keep(PartPayload.Matrix($"{part.Name}.weight", part.Weight, checkpoint)));
        return part.Bias is null ? product : Apply($"{part.Name}.add", "Add", product, Keep(PartPayload.Values($"{part.Name}.bias", part.Bias, checkpoint)));
    }

    /// <summary>Rows of a table.</summary>
    public string Rows(string name, TensorPart table, string rows) => Apply(name, "Gather", Keep(PartPayload.Values($"{name}.weight", table, checkpoint)), rows);

    /// <summary>A normalization over the last axis.</summary>
    public string Norm(NormPart part, DecoderArchitecture of, string x)
    {
        List<string> inputs = [x, Keep(PartPayload.Values($"{part.Name}.weight", part.Scale, checkpoint))];
        if (part.Bias is not null)
            inputs.Add(Keep(PartPayload.Values($"{part.Name}.bias", part.Bias, checkpoint)));
        var node = Node(part.Name, of.CentersNorms ? "LayerNormalization" : "SimplifiedLayerNormalization", inputs);
        node.Set("axis", -1);
        node.Set("epsilon", of.Epsilon);
        return node.Output[0];
    }

    /// <summary>c·tanh(x / c).</summary>
    public string Softcap(string name, float cap, string x)
    {
        var scalar = Scalar($"{name}.cap", cap);
        return Apply(name, "Mul", Apply($"{name}.tanh", "Tanh", Apply($"{name}.div", "Div", x, scalar)), scalar);
    }

    /// <summary>A scalar constant.</summary>
    public string Scalar(string name, float value) => Keep(PartPayload.Scalar(name, value));

    /// <summary>An integer constant: a scalar, or a vector.</summary>
    public string Integer(long value) => Keep(PartPayload.Integers($"constant_{value}", [], value));

    /// <inheritdoc cref="Integer"/>
    public string Integers(params long[] values) => Keep(PartPayload.Integers($"constant_{string.Join('_', values)}_", [values.Length], values));

    /// <summary>Keeps an initializer; a second one of the same name is the first.</summary>
    public string Keep(WeightTensor weight)
    {
        if (weights.TryAdd(weight.Name, weight))
            Weights.Add(weight);
        return weight.Name;
    }

    /// <summary>A declared input or output.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Numbers, or names of sizes that are known only at run time.</param>
    public static ValueInfoProto Declared(string name, TensorProto.Types.DataType type, params object[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new TensorShapeProto() };
        tensor.Shape.Dim.Add(shape.Select(size => size is string text
            ? new TensorShapeProto.Types.Dimension { DimParam = text } : new TensorShapeProto.Types.Dimension { DimValue = (int)size }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
