namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>The whole operand repeated along its axes: the result's axis is [repeats, axis].</summary>
internal sealed class Tile : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Tile"];

    public bool MovesSizes => true;

    public string? Infer(NodeScope scope)
    {
        if (scope.Contents(1) is not { } repeats || repeats.Items.Length != scope.In(0).Length)
            return $"the repeats of {scope.Name} are computed";
        scope.SetOut(0, [.. scope.In(0).Zip(repeats.Items, scope.Sizes.Multiply)]);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var (input, output) = (scope.Node.Input[0], scope.Node.Output[0]);
        for (var axis = 0; axis < scope.In(0).Length; axis++)
        {
            var (size, repeats) = (scope.In(0)[axis], scope.Contents(1)!.Items[axis]);
            if (size == 1 || repeats == 1)
                scope.Same(input, axis, output, axis);
            else if (SizeTable.IsSymbol(size) || SizeTable.IsSymbol(repeats))
                scope.Freeze(input, axis, $"{scope.Name} repeats it as often as is known only at run time");
            else
                scope.Equal([scope.Virtual(repeats), scope.Axis(input, axis)!.Value], [scope.Axis(output, axis)!.Value]);
        }
    }

    public void Rewrite(EditScope edit)
    {
        var (input, output) = (edit.Node.Input[0], edit.Node.Output[0]);
        var repeats = edit.Contents(1)!.Items.ToArray();
        for (var axis = 0; axis < repeats.Length; axis++)
            if (edit.Changes(output, axis))
                repeats[axis] = edit.Size(output, axis) / edit.Size(input, axis);
        if (repeats.SequenceEqual(edit.Contents(1)!.Items))
            return;
        EditScope.Require(!repeats.Any(SizeTable.IsSymbol), "another of its repeats is known only at run time");
        edit.SetConstant(1, repeats);
    }
}
