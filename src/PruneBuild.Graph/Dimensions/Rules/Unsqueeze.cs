namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Axes of size 1 are added.</summary>
internal sealed class Unsqueeze : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Unsqueeze"];

    public bool MovesSizes => true;

    public string? Infer(NodeScope scope)
    {
        if (scope.Integers("axes", 1) is not { } axes)
            return $"the axes of {scope.Name} are computed";
        var shape = new long[scope.In(0).Length + axes.Count];
        foreach (var axis in axes)
            shape[NodeScope.FromStart(axis, shape.Length)] = 1;
        var next = 0;
        for (var axis = 0; axis < shape.Length; axis++)
            if (shape[axis] == 0)
                shape[axis] = scope.In(0)[next++];
        scope.SetOut(0, shape);
        if (scope.Contents(0) is { } contents && shape.Length == 1)
            scope.SetContents(contents);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var rank = scope.Out(0).Length;
        var added = scope.Integers("axes", 1)!.Select(axis => NodeScope.FromStart(axis, rank)).ToHashSet();
        var next = 0;
        for (var axis = 0; axis < rank; axis++)
            if (!added.Contains(axis))
                scope.Same(scope.Node.Input[0], next++, scope.Node.Output[0], axis);
    }
}
