namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Axes of size 1 vanish.</summary>
internal sealed class Squeeze : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Squeeze"];

    public bool MovesSizes => true;

    public string? Infer(NodeScope scope)
    {
        if (Kept(scope) is not { } kept)
            return $"the axes of {scope.Name} are computed";
        scope.SetOut(0, [.. kept.Select(axis => scope.In(0)[axis])]);
        if (scope.Contents(0) is { } contents)
            scope.SetContents(contents);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var kept = Kept(scope)!;
        for (var axis = 0; axis < kept.Count; axis++)
            scope.Same(scope.Node.Input[0], kept[axis], scope.Node.Output[0], axis);
    }

    private static List<int>? Kept(NodeScope scope)
    {
        var x = scope.In(0);
        if (scope.Integers("axes", 1) is not { } axes)
            return null;
        var gone = axes.Count > 0
            ? axes.Select(axis => NodeScope.FromStart(axis, x.Length)).ToHashSet()
            : [.. Enumerable.Range(0, x.Length).Where(axis => x[axis] == 1)];
        return axes.Count == 0 && x.Any(SizeTable.IsSymbol) ? null : [.. Enumerable.Range(0, x.Length).Where(axis => !gone.Contains(axis))];
    }
}
