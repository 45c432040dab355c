namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Axes in another order.</summary>
internal sealed class Transpose : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Transpose"];

    public string? Infer(NodeScope scope)
    {
        scope.SetOut(0, [.. Order(scope).Select(axis => scope.In(0)[axis])]);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var order = Order(scope);
        for (var axis = 0; axis < order.Count; axis++)
            scope.Same(scope.Node.Input[0], order[axis], scope.Node.Output[0], axis);
    }

    private static List<int> Order(NodeScope scope)
    {
        var rank = scope.In(0).Length;
        return [.. scope.Node.GetInts("perm", [.. Enumerable.Range(0, rank).Reverse().Select(axis => (long)axis)]).Select(axis => (int)axis)];
    }
}
