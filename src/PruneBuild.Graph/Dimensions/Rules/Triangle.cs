namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Half of a matrix; its rows and columns have their places.</summary>
internal sealed class Triangle : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Trilu"];

    public string? Infer(NodeScope scope)
    {
        scope.SetOut(0, scope.In(0));
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var rank = scope.In(0).Length;
        Broadcasting.Bind(scope, [0], scope.Node.Output[0], rank);
        for (var axis = rank - 2; axis < rank; axis++)
            scope.Freeze(scope.Node.Input[0], axis, $"{scope.Name} takes a triangle of it");
    }
}
