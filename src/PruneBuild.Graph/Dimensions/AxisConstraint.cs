namespace PruneBuild.Graph.Dimensions;

/// <summary>What an operator says about the axes it touches.</summary>
/// <param name="Reason">What to tell the user when the axes cannot be reconciled.</param>
internal abstract record AxisConstraint(string Reason)
{
    /// <summary>All axes the constraint speaks of.</summary>
    public abstract IEnumerable<int> Axes { get; }

    /// <summary>Splits axes into factors until both sides agree.</summary>
    /// <returns>Whether anything changed; null when they cannot agree.</returns>
    public abstract bool? Refine(AxisGraph graph);

    /// <summary>Joins the elements that must live and die together. Only after every constraint is refined.</summary>
    public abstract void Join(AxisGraph graph);
}

/// <summary>
/// Two row-major index spaces are the same: those of the left axes and of the right axes. One axis a side says that two axes are
/// equal; several are a Reshape.
/// </summary>
internal sealed record EqualSpaces(int[] Left, int[] Right, string Reason) : AxisConstraint(Reason)
{
    public override IEnumerable<int> Axes => Left.Concat(Right);

    public override bool? Refine(AxisGraph graph)
    {
        var cuts = new SortedSet<long>(Cuts(graph, Left));
        var right = Cuts(graph, Right);
        if (cuts.Max != right.Max())
            return null;
        cuts.UnionWith(right);
        long below = 1;
        foreach (var cut in cuts)
        {
            if (cut % below != 0)
                return null;
            below = cut;
        }
        return Apply(graph, Left, cuts) | Apply(graph, Right, cuts);
    }

    public override void Join(AxisGraph graph)
    {
        foreach (var (left, right) in graph.FactorsOf(Left).Zip(graph.FactorsOf(Right)))
            for (var element = 0; element < left.Size; element++)
                graph.Union(left.First + element, right.First + element);
    }

    /// <summary>Products of the last factors: 1, the last, the last two, ...</summary>
    private static List<long> Cuts(AxisGraph graph, int[] axes)
    {
        List<long> cuts = [1];
        foreach (var size in axes.Reverse().SelectMany(axis => graph.Factors(axis).Reverse()))
            cuts.Add(cuts[^1] * size);
        return cuts;
    }

    private static bool Apply(AxisGraph graph, int[] axes, SortedSet<long> cuts)
    {
        var changed = false;
        long below = 1;
        foreach (var axis in axes.Reverse())
        {
            var above = below * graph.Size(axis);
            var (first, last) = (below, above);
            changed |= graph.Split(axis, [.. cuts.Where(cut => cut > first && cut < last).Select(cut => cut / first)]);
            below = above;
        }
        return changed;
    }
}

/// <summary>Part[k] is whole[index[k]]: Slice, Split, Concat, Pad, Gather of constant indices.</summary>
internal sealed record Selection(int Whole, int Part, int[] Index, string Reason) : AxisConstraint(Reason)
{
    public override IEnumerable<int> Axes => [Whole, Part];

    public override bool? Refine(AxisGraph graph)
    {
        var size = Index.Length;
        var cuts = graph.Cuts(Whole).Concat(graph.Cuts(Part)).Distinct().ToList();
        // Blocks survive only where the part is a run of whole blocks.
        if (cuts.Any(cut => cut > size || size % cut != 0 || Index[0] % cut != 0 || graph.Size(Whole) % cut != 0 || !IsRun))
            return null;
        return graph.Split(Whole, cuts) | graph.Split(Part, [.. cuts.Where(cut => cut < size)]);
    }

    public override void Join(AxisGraph graph)
    {
        var whole = graph.FactorsOf([Whole]);
        var part = graph.FactorsOf([Part]);
        var inner = whole.Skip(1).Aggregate(1, (product, factor) => product * factor.Size);
        foreach (var (left, right) in whole.Skip(1).Zip(part.Skip(part.Count - whole.Count + 1)))
            for (var element = 0; element < left.Size; element++)
                graph.Union(left.First + element, right.First + element);
        if (inner == Index.Length && whole.Count > 1)
            graph.Freeze(Whole, Reason); // The part is one block: without it nothing would be left.
        else
            for (var element = 0; element < part[0].Size; element++)
                graph.Union(whole[0].First + (Index[element * inner] / inner), part[0].First + element);
    }

    private bool IsRun => Index.Select((value, position) => value - position).Distinct().Count() == 1;
}
