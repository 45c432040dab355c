namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Two shapes of the same elements in row-major order: Reshape and Flatten.</summary>
internal static class IndexSpaces
{
    /// <summary>Ties runs of axes with the same product; an axis that is mixed with sizes known only at run time is frozen.</summary>
    public static void Bind(NodeScope scope, string input, long[] from, string output, long[] to)
    {
        var (i, j) = (0, 0);
        while (i < from.Length || j < to.Length)
        {
            var (firstIn, firstOut) = (i, j);
            long left = 1, right = 1;
            do
            {
                if (j == to.Length || (i < from.Length && Precedes(scope.Sizes, left, right)))
                    left = scope.Sizes.Multiply(left, from[i++]);
                else
                    right = scope.Sizes.Multiply(right, to[j++]);
            }
            while (left != right && (i < from.Length || j < to.Length));
            Tie(scope, input, firstIn, i, output, firstOut, j, left);
        }
    }

    // The side whose product divides the other's needs more axes.
    private static bool Precedes(SizeTable sizes, long left, long right) =>
        left == right || left == 1 || (right != 1 && sizes.Divide(right, left) is not null);

    private static void Tie(NodeScope scope, string input, int firstIn, int endIn, string output, int firstOut, int endOut, long product)
    {
        var ins = Enumerable.Range(firstIn, endIn - firstIn).Select(axis => (Value: input, Axis: axis));
        var outs = Enumerable.Range(firstOut, endOut - firstOut).Select(axis => (Value: output, Axis: axis));
        if (SizeTable.IsSymbol(product))
        {
            foreach (var (value, axis) in ins.Concat(outs))
                scope.Freeze(value, axis, $"{scope.Name} mixes it with an axis of unknown size");
            return;
        }
        int[] left = [.. ins.Select(place => scope.Axis(place.Value, place.Axis)).OfType<int>()];
        int[] right = [.. outs.Select(place => scope.Axis(place.Value, place.Axis)).OfType<int>()];
        if (left.Length > 0 && right.Length > 0)
            scope.Equal(left, right);
    }
}
