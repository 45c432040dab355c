namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Normalizations over the last axes: their order is free, but the statistics are those of all elements.</summary>
internal sealed class LayerNormalization : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization"];

    public string? Infer(NodeScope scope)
    {
        if (scope.HasOutput(1))
            return $"{scope.Name} returns its statistics";
        scope.SetOut(0, scope.In(0));
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var rank = scope.In(0).Length;
        Broadcasting.Bind(scope, Enumerable.Range(0, scope.Node.Input.Count).Where(scope.HasInput), scope.Node.Output[0], rank);
        for (var axis = NodeScope.FromStart(scope.Node.GetInt("axis", -1), rank); axis < rank; axis++)
            scope.Reduce(scope.Node.Input[0], axis, $"{scope.Name} normalizes over it");
    }
}
