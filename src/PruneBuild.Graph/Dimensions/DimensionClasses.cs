using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Dimensions;

/// <summary>Groups the joined elements of a closure into classes: units that occur in the same factors are of one class.</summary>
internal static class DimensionClasses
{
    private sealed record Unit(int Root, List<(int Axis, int Factor, int Position)> Places);

    public static IReadOnlyList<DimensionClass> Of(DimensionClosure closure, OnnxModel model, AxisRoles roles)
    {
        var graph = closure.Graph;
        var producers = roles.Producers.ToLookup(role => role.Axis, role => role.Node);
        var consumers = roles.Consumers.ToLookup(role => role.Axis, role => role.Node);
        var reducers = roles.Reducers.ToLookup(role => role.Axis, role => role.Node);
        var (units, frozen, reduced) = Units(graph);
        return [.. units
            .GroupBy(unit => Signature(unit, frozen.GetValueOrDefault(unit.Root), reduced.GetValueOrDefault(unit.Root)), StringComparer.Ordinal)
            .Select(group => Class(closure, model, [.. group], frozen, reduced, producers, consumers, reducers, roles.ActivationProducts))
            .Where(found => found.Members.Count > 0)];
    }

    private static (List<Unit> Units, Dictionary<int, string> Frozen, Dictionary<int, string> Reduced) Units(AxisGraph graph)
    {
        var units = new Dictionary<int, Unit>();
        var ordered = new List<Unit>();
        var frozen = new Dictionary<int, string>();
        var reduced = new Dictionary<int, string>();
        for (var axis = 0; axis < graph.Count; axis++)
        {
            var factors = graph.FactorsOf([axis]);
            for (var factor = 0; factor < factors.Count; factor++)
            {
                for (var position = 0; position < factors[factor].Size; position++)
                {
                    var root = graph.Root(factors[factor].First + position);
                    if (!units.TryGetValue(root, out var unit))
                        ordered.Add(units[root] = unit = new Unit(root, []));
                    if (graph.Name(axis) is not null)
                        unit.Places.Add((axis, factor, position));
                    if (graph.Frozen(axis) is { } reason)
                        frozen.TryAdd(root, reason);
                    if (graph.Reduced(axis) is { } sum)
                        reduced.TryAdd(root, sum);
                }
            }
        }
        return (ordered, frozen, reduced);
    }

    private static string Signature(Unit unit, string? frozen, string? reduced) =>
        string.Join(' ', unit.Places.CountBy(place => (place.Axis, place.Factor)).Select(count => $"{count.Key.Axis}.{count.Key.Factor}x{count.Value}"))
        + $"|{frozen}|{reduced}";

    private static DimensionClass Class(
        DimensionClosure closure, OnnxModel model, List<Unit> units, Dictionary<int, string> frozen, Dictionary<int, string> reduced,
        ILookup<int, NodeProto> producers, ILookup<int, NodeProto> consumers, ILookup<int, NodeProto> reducers, HashSet<int> products)
    {
        var graph = closure.Graph;
        var places = units[0].Places.Select(place => (place.Axis, place.Factor)).Distinct().ToList();
        var byUnit = units.ConvertAll(unit => unit.Places.ToLookup(place => (place.Axis, place.Factor), place => place.Position));
        var occurrences = places
            .Select(place => (place.Axis, place.Factor, Units: (IReadOnlyList<IReadOnlyList<int>>)[.. byUnit.Select(unit => (IReadOnlyList<int>)[.. unit[place]])]))
            .ToList();
        var axes = occurrences.Select(occurrence => occurrence.Axis).Distinct().ToList();
        var members = occurrences.Where(occurrence => model.Weights.ContainsKey(graph.Name(occurrence.Axis)!.Value.Value))
            .Select(occurrence => Member(graph, occurrence)).ToList();
        List<NodeProto> makers = [.. axes.SelectMany(axis => producers[axis]).Distinct()];
        return new DimensionClass(closure, occurrences)
        {
            Name = makers.Select(node => node.Name.Length > 0 ? node.Name : node.Output[0]).FirstOrDefault() ?? members.Select(member => member.Tensor).FirstOrDefault() ?? "",
            Size = units.Count,
            Members = members,
            Producers = makers,
            Consumers = [.. axes.SelectMany(axis => consumers[axis]).Distinct()],
            Reducers = [.. axes.SelectMany(axis => reducers[axis]).Distinct()],
            FrozenReason = frozen.GetValueOrDefault(units[0].Root),
            ReductionReason = reduced.GetValueOrDefault(units[0].Root),
            InActivationProduct = axes.Any(products.Contains),
            Values = [.. axes.Select(axis => graph.Name(axis)!.Value.Value).Where(value => !model.Weights.ContainsKey(value)).Distinct()],
        };
    }

    private static DimensionMember Member(AxisGraph graph, (int Axis, int Factor, IReadOnlyList<IReadOnlyList<int>> Units) occurrence)
    {
        var factors = graph.Factors(occurrence.Axis);
        var name = graph.Name(occurrence.Axis)!.Value;
        return new DimensionMember(
            name.Value, name.Axis,
            factors.Take(occurrence.Factor).Aggregate(1, (product, factor) => product * factor),
            factors.Skip(occurrence.Factor + 1).Aggregate(1, (product, factor) => product * factor),
            factors[occurrence.Factor], occurrence.Units[0][0], occurrence.Units[0].Count, occurrence.Units);
    }
}
