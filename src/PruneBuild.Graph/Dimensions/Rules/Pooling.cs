namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Sliding windows over the spatial axes of each channel.</summary>
internal sealed class Pooling : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["MaxPool", "AveragePool", "LpPool"];

    public string? Infer(NodeScope scope)
    {
        var x = scope.In(0);
        var kernel = scope.Node.GetInts("kernel_shape", []);
        if (x.Length != kernel.Count + 2 || scope.HasOutput(1))
            return $"{scope.Name} has no kernel for its input, or returns indices";
        scope.SetOut(0, [x[0], x[1], .. SpatialAxes.After(scope, x, kernel)]);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        scope.Same(scope.Node.Input[0], 0, scope.Node.Output[0], 0);
        scope.Same(scope.Node.Input[0], 1, scope.Node.Output[0], 1);
        SpatialAxes.Freeze(scope);
    }
}
