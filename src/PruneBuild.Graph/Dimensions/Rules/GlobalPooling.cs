namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>One number for each channel.</summary>
internal sealed class GlobalPooling : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"];

    public string? Infer(NodeScope scope)
    {
        var x = scope.In(0);
        scope.SetOut(0, [.. x.Take(2), .. x.Skip(2).Select(_ => 1L)]);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        scope.Same(scope.Node.Input[0], 0, scope.Node.Output[0], 0);
        scope.Same(scope.Node.Input[0], 1, scope.Node.Output[0], 1);
        SpatialAxes.Freeze(scope);
    }
}
