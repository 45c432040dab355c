namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Elements to and from integers; scales are one number, or one for each entry of an axis.</summary>
internal sealed class Quantization : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["QuantizeLinear", "DequantizeLinear"];

    public string? Infer(NodeScope scope)
    {
        if (scope.In(1).Length > 1)
            return $"{scope.Name} has a scale for each block";
        scope.SetOut(0, scope.In(0));
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var rank = scope.In(0).Length;
        Broadcasting.Bind(scope, [0], scope.Node.Output[0], rank);
        var axis = NodeScope.FromStart(scope.Node.GetInt("axis", 1), rank);
        foreach (var parameter in scope.Node.Input.Skip(1).Where((_, index) => scope.HasInput(index + 1) && scope.In(index + 1).Length == 1))
            scope.Same(parameter, 0, scope.Node.Input[0], axis);
    }
}
