using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;

namespace PruneBuild.Targeting;

/// <summary>Replaces <c>com.microsoft.GroupQueryAttention</c> by <c>prunebuild.GroupQueryAttention</c>, whose inputs and attributes are the same.</summary>
public static class AttentionLowering
{
    private const string OpType = "GroupQueryAttention";
    private const string Rival = "com.microsoft";
    private const string Own = "prunebuild";
    private const int Inputs = 9;
    private const int Outputs = 3;

    private static readonly HashSet<string> Known = new(["num_heads", "kv_num_heads", "do_rotary", "local_window_size", "scale", "softcap"], StringComparer.Ordinal);

    /// <summary>Replaces nodes in place.</summary>
    /// <param name="model">With its layers lowered.</param>
    /// <param name="choice">Whose operator.</param>
    /// <returns>What was done or refused, a line each; none where the model has no such attention.</returns>
    public static IReadOnlyList<string> Lower(OnnxModel model, AttentionOperator choice)
    {
        var nodes = model.Graph.Node.Where(node => node is { OpType: OpType, Domain: Rival }).ToList();
        if (nodes.Count == 0)
            return [];
        if (choice == AttentionOperator.OnnxRuntime)
            return [$"attention: {nodes.Count} of ONNX Runtime, as the recipe asks"];
        if (choice == AttentionOperator.Auto && model.Graph.Node.All(node => node.Domain != Own))
            return [$"attention: {nodes.Count} of ONNX Runtime, for the model has no other operators of PruneBuild and opens without its runtime"];
        var inputs = model.Graph.Input.ToDictionary(input => input.Name, StringComparer.Ordinal);
        var refusals = new List<string>();
        foreach (var node in nodes)
        {
            // Long caches of such heads were read more slowly than by ONNX Runtime.
            if (choice == AttentionOperator.Auto && node.GetInt("num_heads", 1) == node.GetInt("kv_num_heads", 1))
                refusals.Add($"attention: {node.Name} stays ONNX Runtime's: every head has keys of its own, there are none to share");
            else if (Obstacle(node, inputs) is { } obstacle)
                refusals.Add($"attention: {node.Name} stays ONNX Runtime's: {obstacle}");
            else
                node.Domain = Own;
        }
        if (refusals.Count < nodes.Count && model.Proto.OpsetImport.All(import => import.Domain != Own))
            model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = Own, Version = 1 });
        return [$"attention: {nodes.Count - refusals.Count} of {nodes.Count} are PruneBuild's", .. refusals];
    }

    private static string? Obstacle(NodeProto node, Dictionary<string, ValueInfoProto> inputs)
    {
        if (node.Input.Skip(Inputs).Any(input => input.Length > 0))
            return "it reads more than queries, keys, values, cache, lengths and rotation";
        if (node.Output.Count(output => output.Length > 0) != Outputs || node.Output.Count != Outputs)
            return "its outputs are not the result and the cache of keys and values";
        if (node.Attribute.FirstOrDefault(attribute => !Known.Contains(attribute.Name) && (attribute.I > 0 || attribute.F != 0 || !attribute.S.IsEmpty)) is { } attribute)
            return $"the attribute {attribute.Name} is not supported";
        if (node.Input.Count <= 3 || !inputs.TryGetValue(node.Input[3], out var past) || past.Type?.TensorType is not { Shape.Dim: [_, _, _, var size] } type)
            return "its cache is no input of four dimensions";
        if (type.ElemType != (int)TensorProto.Types.DataType.Float)
            return "its cache is not float32";
        return KernelRegistry.CanAttend(size.DimValue) ? null : $"there is no kernel for heads of {size.DimValue} features";
    }
}
