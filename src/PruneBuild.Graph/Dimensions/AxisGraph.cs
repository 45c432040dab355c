namespace PruneBuild.Graph.Dimensions;

/// <summary>A factor of an axis: elements <paramref name="First"/> to <paramref name="First"/> + <paramref name="Size"/> − 1 of the union-find.</summary>
internal readonly record struct AxisFactor(int First, int Size);

/// <summary>
/// The axes of a graph, each a product of factors (a fused axis of 8 heads of 64 is [8, 64]), and a union-find over the elements
/// of the factors. Reshapes split axes; every constraint then joins whole factors or runs of their elements.
/// </summary>
internal sealed class AxisGraph
{
    private readonly Dictionary<ValueAxis, int> ids = [];
    private readonly List<ValueAxis?> names = [];
    private readonly List<int[]> factors = [];
    private readonly List<AxisConstraint> constraints = [];
    private readonly Dictionary<int, string> frozen = [];
    private readonly Dictionary<int, string> reduced = [];
    private int[] firsts = [];
    private int[] parents = [];

    /// <summary>Number of axes.</summary>
    public int Count => names.Count;

    /// <summary>Elements of all factors.</summary>
    public int Elements => parents.Length;

    /// <summary>The id of an axis of a value.</summary>
    public int Axis(ValueAxis name, long size)
    {
        if (!ids.TryGetValue(name, out var id))
            ids[name] = id = Add(name, size);
        return id;
    }

    /// <summary>The id of a known axis, or null.</summary>
    public int? Find(ValueAxis name) => ids.TryGetValue(name, out var id) ? id : null;

    /// <summary>An axis that belongs to no value, such as the groups of a convolution.</summary>
    public int Virtual(long size) => Add(null, size);

    /// <summary>The value and axis of an id; null for virtual ones.</summary>
    public ValueAxis? Name(int axis) => names[axis];

    /// <summary>Sizes of the factors, outermost first; none for an axis of size 1.</summary>
    public IReadOnlyList<int> Factors(int axis) => factors[axis];

    /// <summary>Size of an axis.</summary>
    public int Size(int axis) => factors[axis].Aggregate(1, (product, factor) => product * factor);

    /// <summary>Products of the last factors that are neither 1 nor the whole axis.</summary>
    public IEnumerable<long> Cuts(int axis)
    {
        long product = 1;
        for (var index = factors[axis].Length - 1; index > 0; index--)
            yield return product *= factors[axis][index];
    }

    /// <summary>Splits an axis at more suffix products.</summary>
    /// <returns>Whether there were new ones.</returns>
    public bool Split(int axis, IReadOnlyList<long> cuts)
    {
        var all = new SortedSet<long>(Cuts(axis).Concat(cuts));
        if (all.Count == Math.Max(0, factors[axis].Length - 1))
            return false;
        all.Add(Size(axis));
        var split = new List<int>();
        long below = 1;
        foreach (var cut in all)
        {
            split.Insert(0, (int)(cut / below));
            below = cut;
        }
        factors[axis] = [.. split];
        return true;
    }

    public void Constrain(AxisConstraint constraint) => constraints.Add(constraint);

    /// <summary>Nothing of the axis may change; the first reason counts.</summary>
    public void Freeze(int axis, string reason) => frozen.TryAdd(axis, reason);

    /// <summary>The axis is summed over: its order is free, but without some elements the sum is another one.</summary>
    public void Reduce(int axis, string reason) => reduced.TryAdd(axis, reason);

    public string? Frozen(int axis) => frozen.GetValueOrDefault(axis);

    public string? Reduced(int axis) => reduced.GetValueOrDefault(axis);

    /// <summary>Splits axes until all constraints agree, then joins. Axes that cannot agree are frozen.</summary>
    public void Solve()
    {
        for (var changed = true; changed;)
        {
            changed = false;
            for (var index = constraints.Count - 1; index >= 0; index--)
            {
                var constraint = constraints[index];
                var result = constraint.Refine(this);
                changed |= result == true;
                if (result is not null)
                    continue;
                foreach (var axis in constraint.Axes)
                    Freeze(axis, constraint.Reason);
                constraints.RemoveAt(index);
            }
        }
        firsts = new int[Count];
        var elements = 0;
        for (var axis = 0; axis < Count; axis++)
        {
            firsts[axis] = elements;
            elements += factors[axis].Sum();
        }
        parents = [.. Enumerable.Range(0, elements)];
        foreach (var constraint in constraints)
            constraint.Join(this);
    }

    /// <summary>The factors of axes, one after the other. Only after <see cref="Solve"/>.</summary>
    public IReadOnlyList<AxisFactor> FactorsOf(IEnumerable<int> axes)
    {
        var result = new List<AxisFactor>();
        foreach (var axis in axes)
        {
            var first = firsts[axis];
            foreach (var size in factors[axis])
            {
                result.Add(new AxisFactor(first, size));
                first += size;
            }
        }
        return result;
    }

    public int Root(int element)
    {
        while (parents[element] != element)
            element = parents[element] = parents[parents[element]];
        return element;
    }

    // The smaller element becomes the root, so that results do not depend on the order of joins.
    public void Union(int left, int right)
    {
        (left, right) = (Root(left), Root(right));
        parents[Math.Max(left, right)] = Math.Min(left, right);
    }

    private int Add(ValueAxis? name, long size)
    {
        names.Add(name);
        factors.Add(size > 1 ? [checked((int)size)] : []);
        return names.Count - 1;
    }
}
