using PruneBuild.Graph.Dimensions.Rules;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Graph.Dimensions;

/// <summary>
/// Finds which rows, columns and channels of a graph must be removed together (in the spirit of the dependency graph of Fang et
/// al. 2023, "DepGraph: Towards Any Structural Pruning"). Every operator says which axes are equal, which are parts of others and
/// how reshapes divide them; what no rule understands is frozen with the name of the node.
/// </summary>
public sealed class DimensionClosure
{
    private DimensionClosure(OnnxModel model, ValueShapes shapes, AxisGraph graph, long opset) =>
        (Shapes, Graph, Opset, Nodes) = (shapes, graph, opset, [.. model.Graph.Node]);

    /// <summary>All classes, frozen ones included, in the order of their first occurrence.</summary>
    public IReadOnlyList<DimensionClass> Classes { get; private set; } = [];

    internal ValueShapes Shapes { get; }

    internal AxisGraph Graph { get; }

    internal long Opset { get; }

    internal IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>The classes of a model as it is now; after an edit they are stale.</summary>
    public static IReadOnlyList<DimensionClass> Analyze(OnnxModel model) => Of(model).Classes;

    internal static DimensionClosure Of(OnnxModel model)
    {
        var opset = model.Proto.OpsetImport.FirstOrDefault(import => import.Domain is "" or "ai.onnx")?.Version ?? 1;
        var closure = new DimensionClosure(model, new ValueShapes(model), new AxisGraph(), opset);
        var roles = new AxisRoles();
        var index = new GraphIndex(model.Graph);
        closure.FreezeEnds(model.Graph.Input.Where(input => !model.Weights.ContainsKey(input.Name)), index, "an input of the model");
        var declared = model.Graph.ValueInfo.Concat(model.Graph.Output).DistinctBy(info => info.Name).ToDictionary(info => info.Name, StringComparer.Ordinal);
        foreach (var node in model.Graph.Node)
            closure.Visit(new NodeScope(node, opset, model, closure.Shapes, closure.Graph, roles), declared, index);
        closure.FreezeEnds(model.Graph.Output, index, "an output of the model");
        foreach (var weight in model.Weights.Values.Where(weight => ElementTypes.BitsPerElement(weight.Type) < 8))
            closure.FreezeValue(weight.Name, $"the elements of '{weight.Name}' are packed");
        closure.Graph.Solve();
        closure.Classes = DimensionClasses.Of(closure, model, roles);
        return closure;
    }

    private void Visit(NodeScope scope, Dictionary<string, ValueInfoProto> declared, GraphIndex index)
    {
        var node = scope.Node;
        var unknown = node.Input.FirstOrDefault(input => input.Length > 0 && Shapes.Shape(input) is null);
        var rule = DimensionRules.Find(node);
        var reason = rule is null ? $"no rule for {scope.Name}"
            : unknown is not null ? $"the shape of '{unknown}' before {scope.Name} is unknown"
            : rule.Infer(scope);
        if (reason is null)
        {
            rule!.Bind(scope);
        }
        else
        {
            foreach (var output in node.Output.Where(output => Shapes.Shape(output) is null && declared.ContainsKey(output)))
                Shapes.Declare(declared[output]);
            scope.FreezeAll(reason);
        }
        if (rule is null or not { MovesSizes: true })
            FreezeSources(scope);
        // A subgraph may read any outer value in any way.
        foreach (var value in node.Output.Where(value => index.Uses(value).Any(use => use.InputIndex < 0)))
            FreezeValue(value, $"a subgraph reads '{value}'");
    }

    /// <summary>A size that becomes data, such as a scale computed from a head's width, must not change.</summary>
    private void FreezeSources(NodeScope scope)
    {
        foreach (var source in scope.Node.Input.SelectMany(input => Shapes.Contents(input)?.Sources ?? []).OfType<ValueAxis>())
            scope.Freeze(source.Value, source.Axis, $"{scope.Name} computes with its size");
    }

    private void FreezeEnds(IEnumerable<ValueInfoProto> ends, GraphIndex index, string what)
    {
        foreach (var end in ends)
            FreezeValue(end.Name, $"{what}: '{end.Name}'", IsAttentionCache(index, end.Name) ? 1 : null);
    }

    /// <summary>Whether a fused attention reads or makes a part of the key-value cache: its groups, axis 1, may become fewer, as whoever keeps the cache takes its sizes from the model.</summary>
    private static bool IsAttentionCache(GraphIndex index, string value) => KeyValueCache.IsPast(value)
        ? index.OnlyConsumer(value) is { OpType: "GroupQueryAttention" }
        : KeyValueCache.IsPresent(value) && index.Producer(value) is { OpType: "GroupQueryAttention" };

    private void FreezeValue(string value, string reason, int? except = null)
    {
        var shape = Shapes.Shape(value) ?? [];
        for (var axis = 0; axis < shape.Length; axis++)
            if (shape[axis] > 1 && axis != except)
                Graph.Freeze(Graph.Axis(new ValueAxis(value, axis), shape[axis]), reason);
    }
}
