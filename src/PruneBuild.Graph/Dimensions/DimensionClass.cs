using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Dimensions;

/// <summary>An initializer's axis, or the part of it, that shrinks with a class.</summary>
/// <param name="Tensor">The initializer.</param>
/// <param name="Axis">From 0.</param>
/// <param name="Outer">How often the unit's positions repeat: the product of the axis' outer factors.</param>
/// <param name="Inner">Elements that follow one another for one position: the product of its inner factors.</param>
/// <param name="FactorSize">Positions of the factor the class lies in; <c>Outer × FactorSize × Inner</c> is the size of the axis.</param>
/// <param name="Offset">The first position of the first unit in the factor.</param>
/// <param name="Repeat">Positions of the factor that a unit has: 2 for a fused gate and up, 1 as a rule.</param>
/// <param name="Units">For each unit its positions in the factor, ascending.</param>
public sealed record DimensionMember(
    string Tensor, int Axis, int Outer, int Inner, int FactorSize, int Offset, int Repeat, IReadOnlyList<IReadOnlyList<int>> Units)
{
    /// <summary>All indices along the axis that belong to a unit, ascending.</summary>
    public IEnumerable<int> Indices(int unit)
    {
        for (var outer = 0; outer < Outer; outer++)
            foreach (var position in Units[unit])
                for (var inner = 0; inner < Inner; inner++)
                    yield return (((outer * FactorSize) + position) * Inner) + inner;
    }
}

/// <summary>
/// Units (channels, neurons, heads) that occur in the same axes of the same tensors: any of them can be removed, and they can be
/// put in another order, when the same is done in every member.
/// </summary>
public sealed record DimensionClass
{
    internal DimensionClass(DimensionClosure closure, IReadOnlyList<(int Axis, int Factor, IReadOnlyList<IReadOnlyList<int>> Units)> occurrences) =>
        (Closure, Occurrences) = (closure, occurrences);

    /// <summary>For people: the first node that makes the units, or the first tensor that holds them.</summary>
    public required string Name { get; init; }

    /// <summary>Number of units.</summary>
    public required int Size { get; init; }

    /// <summary>The initializers that hold the units.</summary>
    public required IReadOnlyList<DimensionMember> Members { get; init; }

    /// <summary>Nodes whose weight makes the units: their outputs are the units.</summary>
    public required IReadOnlyList<NodeProto> Producers { get; init; }

    /// <summary>Nodes whose weight contracts the units: their inputs are the units.</summary>
    public required IReadOnlyList<NodeProto> Consumers { get; init; }

    /// <summary>Nodes that sum or normalize over the units.</summary>
    public required IReadOnlyList<NodeProto> Reducers { get; init; }

    /// <summary>Why nothing may be removed or moved, or null.</summary>
    public string? FrozenReason { get; init; }

    /// <summary>
    /// Why removing units changes what the others compute (a normalization or a sum over the class), or null. Reordering is
    /// exact all the same.
    /// </summary>
    public string? ReductionReason { get; init; }

    /// <summary>Whether a product of two activations sees the units: attention heads and their widths, not neurons or channels.</summary>
    public required bool InActivationProduct { get; init; }

    /// <summary>Values, not initializers, whose axes hold the units.</summary>
    public required IReadOnlyList<string> Values { get; init; }

    internal DimensionClosure Closure { get; }

    internal IReadOnlyList<(int Axis, int Factor, IReadOnlyList<IReadOnlyList<int>> Units)> Occurrences { get; }

    /// <summary>Whether a class of another analysis of the same model has the same units, whatever was added around them.</summary>
    public bool IsSameAs(DimensionClass other) => other.Size == Size && other.Members.Count > 0 && Members.Any(member =>
        (member.Tensor, member.Axis, member.Outer, member.Inner, member.Offset)
        == (other.Members[0].Tensor, other.Members[0].Axis, other.Members[0].Outer, other.Members[0].Inner, other.Members[0].Offset));

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name}: {Size} units in {Members.Count} tensors{(FrozenReason is null ? "" : $", frozen: {FrozenReason}")}{(ReductionReason is null ? "" : $", reduced: {ReductionReason}")}";
}
