namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Sums, means and extremes over axes, which are free in order but not in number.</summary>
internal sealed class Reduction : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } =
    [
        "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceProd", "ReduceSumSquare",
    ];

    public string? Infer(NodeScope scope)
    {
        if (Reduced(scope) is not { } reduced)
            return $"the axes of {scope.Name} are computed";
        var keep = scope.Node.GetInt("keepdims", 1) != 0;
        scope.SetOut(0, [.. scope.In(0).Select((size, axis) => reduced.Contains(axis) ? 1 : size).Where((_, axis) => keep || !reduced.Contains(axis))]);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var reduced = Reduced(scope)!;
        var keep = scope.Node.GetInt("keepdims", 1) != 0;
        var next = 0;
        for (var axis = 0; axis < scope.In(0).Length; axis++)
        {
            if (reduced.Contains(axis))
                scope.Reduce(scope.Node.Input[0], axis, $"{scope.Name} sums over it");
            else
                scope.Same(scope.Node.Input[0], axis, scope.Node.Output[0], next);
            next += keep || !reduced.Contains(axis) ? 1 : 0;
        }
    }

    private static HashSet<int>? Reduced(NodeScope scope)
    {
        var rank = scope.In(0).Length;
        if (scope.Integers("axes", 1) is not { } axes)
            return null;
        return axes.Count > 0 ? [.. axes.Select(axis => NodeScope.FromStart(axis, rank))]
            : scope.Node.GetInt("noop_with_empty_axes", 0) != 0 ? [] : [.. Enumerable.Range(0, rank)];
    }
}
