namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Multidirectional broadcasting (ONNX specification, Broadcasting).</summary>
internal static class Broadcasting
{
    /// <summary>The common shape, or null when sizes contradict each other.</summary>
    public static long[]? Shape(IEnumerable<long[]> shapes)
    {
        var all = shapes.ToList();
        var rank = all.Max(shape => shape.Length);
        var result = new long[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            var sizes = all.Select(shape => axis + shape.Length - rank is >= 0 and var own ? shape[own] : 1).Where(size => size != 1).Distinct().ToList();
            // Where a static size meets one known at run time, the latter is the same or 1.
            var known = sizes.Where(size => !SizeTable.IsSymbol(size)).ToList();
            if (known.Count > 1)
                return null;
            result[axis] = known.Count == 1 ? known[0] : sizes.Count > 0 ? sizes[0] : 1;
        }
        return result;
    }

    /// <summary>Ties every operand's axes to those of the result, aligned at the end; <paramref name="except"/> last axes are left out.</summary>
    public static void Bind(NodeScope scope, IEnumerable<int> inputs, string output, int rank, int except = 0)
    {
        foreach (var input in inputs)
        {
            var own = scope.In(input).Length;
            for (var axis = 0; axis < own - except; axis++)
                scope.Same(scope.Node.Input[input], axis, output, rank - own + axis);
        }
    }
}
