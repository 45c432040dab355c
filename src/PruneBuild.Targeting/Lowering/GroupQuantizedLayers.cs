using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Targeting;

/// <summary>The <c>com.microsoft.MatMulNBits</c> nodes of a model, by the outputs that they share with the layers they stand for.</summary>
internal sealed class GroupQuantizedLayers(OnnxModel quantized)
{
    private readonly Dictionary<string, NodeProto> nodes = quantized.Graph.Node
        .Where(node => node is { OpType: "MatMulNBits", Domain: "com.microsoft" })
        .ToDictionary(node => node.Output[0], StringComparer.Ordinal);

    /// <summary>The node in a layer's place, or null.</summary>
    public NodeProto? Find(WeightSite site) => nodes.GetValueOrDefault(site.OutputName);

    /// <summary>Bits of a node's weights.</summary>
    public static long BitsOf(NodeProto node) => node.GetInt("bits", 4);

    /// <summary>How plans and manifests call the kernel.</summary>
    public static string KernelOf(NodeProto node) => BitsOf(node) == 4 ? KernelName.DenseInt4 : KernelName.DenseInt8Groups;

    /// <summary>Puts the node in the place of a layer, with its weights.</summary>
    /// <returns>Bytes of levels, scales and zero points.</returns>
    public long Write(OnnxModel model, WeightSite site, NodeProto node)
    {
        var bytes = 0L;
        // The bias, the sixth input, is an initializer of both models.
        foreach (var name in node.Input.Skip(1).Where(quantized.Weights.ContainsKey))
        {
            if (!model.Weights.ContainsKey(name))
            {
                using var view = quantized.Weights[name].Open();
                model.SetWeight(name, quantized.Weights[name].Type, [.. quantized.Weights[name].Shape], view.As<byte>());
            }
        }
        foreach (var name in node.Input.Skip(1).Take(3).Where(model.Weights.ContainsKey))
            bytes += model.Weights[name].Bytes;
        model.Graph.Node[model.Graph.Node.IndexOf(site.Node)] = node.Clone();
        if (model.Proto.OpsetImport.All(import => import.Domain != node.Domain))
            model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = node.Domain, Version = 1 });
        return bytes;
    }
}
