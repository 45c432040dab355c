namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>
/// Constants around a tensor. Along a padded axis the input is a run of the output; the padded elements are units of their own,
/// such as the channels that a parameter-free shortcut of a residual network fills with zeros (He et al. 2016, option A).
/// </summary>
internal sealed class Pad : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Pad"];

    public string? Infer(NodeScope scope)
    {
        var x = scope.In(0);
        if (scope.Integers("pads", 1) is not { } pads || pads.Count != 2 * x.Length || scope.HasInput(3))
            return $"the amounts of {scope.Name} are computed, or only of some axes";
        scope.SetOut(0, [.. x.Select((size, axis) => (pads[axis], pads[axis + x.Length]) is (0, 0) ? size
            : SizeTable.IsSymbol(size) ? scope.Sizes.Fresh() : size + pads[axis] + pads[axis + x.Length])]);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var (x, y, rank) = (scope.Node.Input[0], scope.Node.Output[0], scope.In(0).Length);
        var pads = scope.Integers("pads", 1)!;
        for (var axis = 0; axis < rank; axis++)
        {
            var (before, after) = (pads[axis], pads[axis + rank]);
            if ((before, after) is (0, 0))
            {
                scope.Same(x, axis, y, axis);
            }
            else if (before < 0 || after < 0 || SizeTable.IsSymbol(scope.In(0)[axis]) || scope.Node.GetText("mode", "constant") != "constant")
            {
                scope.Freeze(x, axis, $"{scope.Name} repeats or cuts it");
                scope.Freeze(y, axis, $"{scope.Name} repeats or cuts it");
            }
            else
            {
                scope.Select(y, axis, x, axis, [.. Enumerable.Range((int)before, (int)scope.In(0)[axis])]);
            }
        }
    }

    public void Rewrite(EditScope edit)
    {
        var (x, y) = (edit.Node.Input[0], edit.Node.Output[0]);
        var rank = edit.Old(x).Length;
        var pads = (edit.Contents(1)?.Items ?? edit.Node.GetInts("pads", [])).ToArray();
        var changed = false;
        for (var axis = 0; axis < rank; axis++)
        {
            if (!edit.Changes(y, axis) || (pads[axis], pads[axis + rank]) is (0, 0))
                continue;
            var (before, size) = ((int)pads[axis], (int)edit.Old(x)[axis]);
            var inside = edit.Kept(y, axis).Select(position => position >= before && position < before + size).ToList();
            var first = inside.IndexOf(true);
            EditScope.Require(
                first >= 0 && edit.Kept(y, axis).Skip(first).Take((int)edit.Size(x, axis)).SequenceEqual(edit.Kept(x, axis).Select(position => position + before)),
                "what it pads would no longer be one piece");
            changed |= pads[axis] != first || pads[axis + rank] != inside.Count - first - edit.Size(x, axis);
            (pads[axis], pads[axis + rank]) = (first, inside.Count - first - edit.Size(x, axis));
        }
        if (changed)
            edit.SetIntegers("pads", 1, pads);
    }
}
