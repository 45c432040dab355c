namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Ranges of some axes.</summary>
internal sealed class Slice : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Slice"];

    public bool MovesSizes => true;

    public string? Infer(NodeScope scope)
    {
        var shape = scope.In(0).ToArray();
        var (starts, ends, axes, steps) = (scope.Integers("starts", 1), scope.Integers("ends", 2), scope.Integers("axes", 3), scope.Integers("", 4));
        if (starts is null || ends is null || axes is null || steps is null)
        {
            // Where the range is computed, the axes it cuts are of unknown size.
            if (axes is null || scope.Contents(1)?.Items.Length is not { } count)
                return $"the ranges of {scope.Name} are computed";
            foreach (var axis in axes.Count > 0 ? axes.Select(axis => NodeScope.FromStart(axis, shape.Length)) : Enumerable.Range(0, count))
                shape[axis] = scope.Sizes.Fresh();
            scope.SetOut(0, shape);
            return null;
        }
        for (var entry = 0; entry < starts.Count; entry++)
        {
            var axis = axes.Count > 0 ? NodeScope.FromStart(axes[entry], shape.Length) : entry;
            var step = steps.Count > 0 ? steps[entry] : 1;
            if (!SizeTable.IsSymbol(shape[axis]))
                shape[axis] = Positions(starts[entry], ends[entry], step, shape[axis]).Length;
            else if (starts[entry] != 0 || ends[entry] < int.MaxValue || step != 1)
                shape[axis] = scope.Sizes.Fresh();
        }
        scope.SetOut(0, shape);
        if (scope.Contents(0) is { } contents && shape.Length == 1 && starts.Count == 1)
            scope.SetContents(contents.Pick(Positions(starts[0], ends[0], steps.Count > 0 ? steps[0] : 1, contents.Items.Length)));
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var (x, y) = (scope.Node.Input[0], scope.Node.Output[0]);
        var (from, to) = (scope.In(0), scope.Out(0));
        var (starts, ends, axes, steps) = (scope.Integers("starts", 1), scope.Integers("ends", 2), scope.Integers("axes", 3), scope.Integers("", 4));
        var bound = new HashSet<int>();
        for (var entry = 0; starts is not null && ends is not null && steps is not null && entry < starts.Count; entry++)
        {
            var axis = axes!.Count > 0 ? NodeScope.FromStart(axes[entry], from.Length) : entry;
            if (SizeTable.IsSymbol(from[axis]))
                continue;
            bound.Add(axis);
            var index = Positions(starts[entry], ends[entry], steps.Count > 0 ? steps[entry] : 1, from[axis]);
            if (index.Length == from[axis] && index.Zip(index.Skip(1)).All(pair => pair.First < pair.Second))
                scope.Same(x, axis, y, axis);
            else if (index.Length > 0 && from[axis] > 1)
                scope.Select(x, axis, y, axis, index);
        }
        for (var axis = 0; axis < from.Length; axis++)
        {
            if (bound.Contains(axis))
                continue;
            if (from[axis] == to[axis])
                scope.Same(x, axis, y, axis);
            else
                scope.Freeze(x, axis, $"{scope.Name} cuts it where the model runs");
        }
    }

    public void Rewrite(EditScope edit)
    {
        var (x, y) = (edit.Node.Input[0], edit.Node.Output[0]);
        var from = edit.Old(x);
        if (!Enumerable.Range(0, from.Length).Any(axis => edit.Changes(x, axis)))
            return;
        // Axes that are not named are kept whole; without constants none of the named ones can have changed.
        if (Integers(edit, "starts", 1) is not { } starts || Integers(edit, "ends", 2) is not { } ends)
            return;
        var axes = Integers(edit, "axes", 3) ?? [];
        var steps = Integers(edit, "steps", 4) ?? [];
        for (var entry = 0; entry < starts.Length; entry++)
        {
            var axis = axes.Length > 0 ? NodeScope.FromStart(axes[entry], from.Length) : entry;
            if (!edit.Changes(x, axis))
                continue;
            var step = steps.Length > 0 ? steps[entry] : 1;
            var index = Positions(starts[entry], ends[entry], step, from[axis]);
            if (index.Length == from[axis] && step > 0)
            {
                (starts[entry], ends[entry]) = (0, int.MaxValue);
                continue;
            }
            EditScope.Require(step == 1, "it takes every so many elements");
            var wanted = edit.Kept(y, axis).Select(position => index[position]).ToArray();
            var start = wanted.Length == 0 ? -1 : Array.IndexOf(edit.Kept(x, axis), wanted[0]);
            EditScope.Require(start >= 0 && edit.Kept(x, axis).Skip(start).Take(wanted.Length).SequenceEqual(wanted), "its range would no longer be one piece");
            (starts[entry], ends[entry]) = (start, start + wanted.Length);
        }
        edit.SetIntegers("starts", 1, starts);
        edit.SetIntegers("ends", 2, ends);
    }

    private static long[]? Integers(EditScope edit, string attribute, int input) =>
        edit.Contents(input)?.Items.ToArray() ?? (edit.Node.Attribute.FirstOrDefault(found => found.Name == attribute) is { } own ? [.. own.Ints] : null);

    private static int[] Positions(long start, long end, long step, long size)
    {
        static long Clamp(long value, long size, long low, long high) => Math.Clamp(value < 0 ? value + size : value, low, high);
        var result = new List<int>();
        var (first, last) = step > 0 ? (Clamp(start, size, 0, size), Clamp(end, size, 0, size)) : (Clamp(start, size, -1, size - 1), Clamp(Math.Max(end, -size - 1), size, -1, size - 1));
        for (var position = first; step > 0 ? position < last : position > last; position += step)
            result.Add((int)position);
        return [.. result];
    }
}
