using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>The first operand as it is, or in another element type.</summary>
internal sealed class Passthrough : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Identity", "Cast", "Dropout"];

    public bool MovesSizes => true;

    public string? Infer(NodeScope scope)
    {
        scope.SetOut(0, scope.In(0));
        scope.SetOut(1, scope.In(0));
        if (scope.Contents(0) is { } contents && !BecomesData(scope.Node))
            scope.SetContents(contents);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        foreach (var output in scope.Node.Output.Where(output => output.Length > 0))
            Broadcasting.Bind(scope, [0], output, scope.In(0).Length);
        if (BecomesData(scope.Node))
            foreach (var source in (scope.Contents(0)?.Sources ?? []).OfType<ValueAxis>())
                scope.Freeze(source.Value, source.Axis, $"{scope.Name} computes with its size");
    }

    private static bool BecomesData(NodeProto node) => node.OpType == "Cast"
        && (TensorProto.Types.DataType)node.GetInt("to", 0) is not (TensorProto.Types.DataType.Int32 or TensorProto.Types.DataType.Int64);
}
