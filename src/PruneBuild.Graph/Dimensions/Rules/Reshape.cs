namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>The same elements in another shape; an axis is divided into blocks, or blocks become an axis.</summary>
internal sealed class Reshape : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Reshape"];

    public bool MovesSizes => true;

    public string? Infer(NodeScope scope)
    {
        if (scope.Contents(1) is not { } wanted)
            return $"the shape of {scope.Name} is computed";
        var x = scope.In(0);
        var shape = wanted.Items.ToArray();
        for (var axis = 0; axis < shape.Length; axis++)
            if (shape[axis] == 0 && scope.Node.GetInt("allowzero", 0) == 0 && axis < x.Length)
                shape[axis] = x[axis];
        var free = Array.IndexOf(shape, -1);
        if (free >= 0)
        {
            shape[free] = 1;
            shape[free] = scope.Sizes.Divide(scope.Sizes.Product(x), scope.Sizes.Product(shape)) ?? scope.Sizes.Fresh();
        }
        scope.SetOut(0, shape);
        // A scalar made a vector, or the other way round, is the same list of sizes.
        if (scope.Contents(0) is { } contents && shape.Length <= 1)
            scope.SetContents(contents);
        return null;
    }

    public void Bind(NodeScope scope) =>
        IndexSpaces.Bind(scope, scope.Node.Input[0], scope.In(0), scope.Node.Output[0], scope.Out(0));

    public void Rewrite(EditScope edit)
    {
        var (input, output) = (edit.Node.Input[0], edit.Node.Output[0]);
        var (from, to, wanted) = (edit.Old(input), edit.Old(output), edit.Contents(1)!.Items);
        if (!Enumerable.Range(0, to.Length).Any(axis => wanted[axis] > 0 && edit.Size(output, axis) != wanted[axis]))
            return;
        var shape = new long[to.Length];
        for (var axis = 0; axis < shape.Length; axis++)
            shape[axis] = !SizeTable.IsSymbol(to[axis]) ? edit.Size(output, axis) : axis < from.Length && from[axis] == to[axis] ? 0 : -1;
        EditScope.Require(shape.Count(size => size == -1) <= 1, "more than one of its sizes is known only at run time");
        EditScope.Require(edit.Node.GetInt("allowzero", 0) == 0 || !shape.Contains(0), "it gives zero another meaning");
        edit.SetConstant(1, shape);
    }
}
