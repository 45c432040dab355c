using PruneBuild.Diagnostics;
using PruneBuild.Graph.Dimensions.Rules;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Dimensions;

/// <summary>Which units of a class stay, in which order.</summary>
/// <param name="Class">From the analysis of the model as it is.</param>
/// <param name="Units">Distinct, at least one.</param>
public sealed record DimensionSelection(DimensionClass Class, IReadOnlyList<int> Units);

/// <summary>
/// Keeps some units of a class, in a given order, in every tensor that holds them: a subset slices the model, all units in another
/// order permute it. Sizes in Reshape, Expand, Split, Slice, Pad and Tile and the groups of convolutions follow. A class that is
/// summed over can be sliced as well, but what stays then sees other sums.
/// </summary>
public static class DimensionEdit
{
    /// <summary>Keeps units of one class; the classes of the model must be analyzed anew afterwards.</summary>
    /// <param name="model">Edited; unchanged when the edit is refused.</param>
    /// <param name="class">From <see cref="DimensionClosure.Analyze"/> of the same model.</param>
    /// <param name="indices">Units to keep, in their new order; distinct, at least one.</param>
    /// <exception cref="PruneBuildException">PB3020: the class is frozen, or a node cannot follow.</exception>
    /// <exception cref="ArgumentException">The indices are no selection of units, or the class is stale.</exception>
    public static void Select(OnnxModel model, DimensionClass @class, IReadOnlyList<int> indices) =>
        Select(model, [new DimensionSelection(@class, indices)]);

    /// <summary>The same for several classes of one analysis at once.</summary>
    /// <inheritdoc cref="Select(OnnxModel, DimensionClass, IReadOnlyList{int})"/>
    public static void Select(OnnxModel model, IReadOnlyList<DimensionSelection> selections)
    {
        if (selections.Count == 0)
            return;
        var plan = Plan(model, selections);
        if (plan.Refusal is not null)
            throw new PruneBuildException("PB3020", string.Join(", ", selections.Select(selection => selection.Class.Name)), plan.Refusal);
        var constants = selections[0].Class.Closure.Nodes.SelectMany(node => node.Input).Where(model.Weights.ContainsKey).ToHashSet(StringComparer.Ordinal);
        foreach (var change in plan.Changes)
            change();
        DropUnused(model, constants);
        foreach (var axes in plan.Kept.GroupBy(pair => pair.Key.Value))
        {
            if (model.Weights.TryGetValue(axes.Key, out var weight))
                Slice(model, weight, [.. axes.Select(axis => (axis.Key.Axis, axis.Value))]);
        }
        ForgetShapes(model, plan.Kept);
    }

    /// <summary>Why an edit would be refused, or null; nothing is changed.</summary>
    /// <exception cref="ArgumentException">The indices are no selection of units, or a class is stale.</exception>
    public static string? Refusal(OnnxModel model, IReadOnlyList<DimensionSelection> selections) =>
        selections.Count == 0 ? null : Plan(model, selections).Refusal;

    private sealed record EditPlan(string? Refusal, Dictionary<ValueAxis, int[]> Kept, List<Action> Changes);

    private static EditPlan Plan(OnnxModel model, IReadOnlyList<DimensionSelection> selections)
    {
        var closure = selections[0].Class.Closure;
        foreach (var selection in selections)
            Check(model, closure, selection);
        if (selections.Select(selection => selection.Class.FrozenReason).FirstOrDefault(reason => reason is not null) is { } frozen)
            return new EditPlan(frozen, [], []);
        var kept = Positions(closure.Graph, selections);
        var values = kept.Keys.Select(axis => axis.Value).ToHashSet(StringComparer.Ordinal);
        var changes = new List<Action>();
        foreach (var node in closure.Nodes.Where(node => node.Input.Concat(node.Output).Any(values.Contains)))
        {
            try
            {
                DimensionRules.Find(node)?.Rewrite(new EditScope(node, closure.Opset, model, closure.Shapes, axis => kept.GetValueOrDefault(axis), changes));
            }
            catch (EditRefusedException refusal)
            {
                return new EditPlan($"{node.OpType} '{node.Name}': {refusal.Message}", kept, []);
            }
        }
        return new EditPlan(null, kept, changes);
    }

    private static void Check(OnnxModel model, DimensionClosure closure, DimensionSelection selection)
    {
        var found = selection.Class;
        var units = selection.Units;
        if (units.Count == 0 || units.Distinct().Count() != units.Count || units.Any(unit => unit < 0 || unit >= found.Size))
            throw new ArgumentException($"Not a selection of the {found.Size} units of '{found.Name}'.", nameof(selection));
        if (!ReferenceEquals(found.Closure, closure)
            || found.Members.Any(member => !model.Weights.TryGetValue(member.Tensor, out var weight)
                || weight.Shape[member.Axis] != (long)member.Outer * member.FactorSize * member.Inner))
        {
            throw new ArgumentException($"'{found.Name}' does not belong to the model as it is; analyze it again.", nameof(selection));
        }
    }

    /// <summary>The old positions along every axis that changes, in their new order.</summary>
    private static Dictionary<ValueAxis, int[]> Positions(AxisGraph graph, IReadOnlyList<DimensionSelection> selections)
    {
        var factors = new Dictionary<(int Axis, int Factor), int[]>();
        foreach (var selection in selections)
        {
            foreach (var (axis, factor, units) in selection.Class.Occurrences)
            {
                var order = factors.TryGetValue((axis, factor), out var before) ? before : [.. Enumerable.Range(0, graph.Factors(axis)[factor])];
                factors[(axis, factor)] = Reordered(order, units, selection.Units);
            }
        }
        var byAxis = new Dictionary<ValueAxis, int[]>();
        foreach (var axis in factors.Keys.Select(key => key.Axis).Distinct())
        {
            int[] positions = [0];
            for (var factor = 0; factor < graph.Factors(axis).Count; factor++)
            {
                var size = graph.Factors(axis)[factor];
                var order = factors.TryGetValue((axis, factor), out var changed) ? changed : [.. Enumerable.Range(0, size)];
                positions = [.. positions.SelectMany(outer => order.Select(inner => (outer * size) + inner))];
            }
            // Equal to what it was when the units are kept as they are.
            if (!positions.SequenceEqual(Enumerable.Range(0, graph.Size(axis))))
                byAxis[graph.Name(axis)!.Value] = positions;
        }
        return byAxis;
    }

    /// <summary>
    /// The place of the k-th unit goes to the k-th kept one, occurrence by occurrence; places beyond the kept ones vanish. So
    /// every member sees one and the same reordering, followed by one and the same cut.
    /// </summary>
    private static int[] Reordered(int[] order, IReadOnlyList<IReadOnlyList<int>> units, IReadOnlyList<int> kept)
    {
        var place = new Dictionary<int, int?>();
        for (var unit = 0; unit < units.Count; unit++)
            for (var occurrence = 0; occurrence < units[unit].Count; occurrence++)
                place[units[unit][occurrence]] = unit < kept.Count ? units[kept[unit]][occurrence] : null;
        return [.. order.Select(position => place.TryGetValue(position, out var other) ? other : position).OfType<int>()];
    }

    private static void Slice(OnnxModel model, WeightTensor weight, List<(int Axis, int[] Kept)> axes)
    {
        var width = ElementTypes.BitsPerElement(weight.Type) / 8;
        var shape = weight.Shape.ToArray();
        var data = weight.Read<byte>();
        foreach (var (axis, kept) in axes)
        {
            var inner = shape.Skip(axis + 1).Aggregate((long)width, (product, size) => product * size);
            var outer = shape.Take(axis).Aggregate(1L, (product, size) => product * size);
            var next = LargeArray.Allocate<byte>(outer * kept.Length * inner);
            for (var block = 0L; block < outer; block++)
                for (var index = 0; index < kept.Length; index++)
                    Array.Copy(data, ((block * shape[axis]) + kept[index]) * inner, next, ((block * kept.Length) + index) * inner, inner);
            (data, shape[axis]) = (next, kept.Length);
        }
        model.SetWeight(weight.Name, weight.Type, shape, data);
    }

    /// <summary>Constants whose last reader has one of its own now.</summary>
    private static void DropUnused(OnnxModel model, HashSet<string> constants)
    {
        var index = new GraphIndex(model.Graph);
        var inputs = model.Graph.Input.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in constants.Where(name => index.Uses(name).Count == 0 && !index.IsOutput(name) && !inputs.Contains(name)))
            model.RemoveWeight(name);
    }

    /// <summary>Declared shapes of inner values would contradict the new ones; initializers that are inputs as well, and the cache, get theirs.</summary>
    private static void ForgetShapes(OnnxModel model, Dictionary<ValueAxis, int[]> kept)
    {
        var values = kept.Keys.Select(axis => axis.Value).ToHashSet(StringComparer.Ordinal);
        foreach (var stale in model.Graph.ValueInfo.Where(info => values.Contains(info.Name)).ToList())
            model.Graph.ValueInfo.Remove(stale);
        foreach (var input in model.Graph.Input.Concat(model.Graph.Output).Where(input => values.Contains(input.Name)))
            foreach (var (axis, positions) in kept.Where(pair => pair.Key.Value == input.Name))
                if (input.Type?.TensorType?.Shape is { } shape && axis.Axis < shape.Dim.Count)
                    shape.Dim[axis.Axis] = new TensorShapeProto.Types.Dimension { DimValue = positions.Length };
    }
}
