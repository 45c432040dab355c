using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Pruning;

/// <summary>Adds a constant to the output of a site, where the graph has room for it: the bias of Gemm and Conv, an Add after MatMul.</summary>
internal static class LayerBias
{
    private const int FirstIrVersionWithFreeInitializers = 4;

    /// <summary>Adds a bias.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="site">Its weight product x → W x is what the bias is added to.</param>
    /// <param name="bias">[outputs].</param>
    public static void Add(OnnxModel model, WeightSite site, double[] bias)
    {
        if (Array.TrueForAll(bias, value => value == 0))
            return;
        var index = new GraphIndex(model.Graph);
        var scaled = bias;
        var node = site.Node;
        if (site.Kind == SiteKind.Gemm)
        {
            var (alpha, beta) = (node.GetFloat("alpha", 1), node.GetFloat("beta", 1));
            scaled = Array.ConvertAll(bias, value => value * alpha);
            if (beta != 0 && TryOperand(model, index, node, 2, site.Outputs, Array.ConvertAll(scaled, value => value / beta)))
                return;
        }
        else if (site.Kind == SiteKind.Conv)
        {
            if (TryOperand(model, index, node, 2, site.Outputs, scaled))
                return;
        }
        else if (index.OnlyConsumer(site.OutputName) is { OpType: "Add", Domain: "" } add && add.Input.Count == 2
            && TryConstant(model, index, add, add.Input[0] == site.OutputName ? 1 : 0, site.Outputs, scaled))
        {
            return;
        }
        InsertAdd(model, site, scaled);
    }

    /// <summary>Uses the optional operand of Gemm or Conv; creates it when it is absent.</summary>
    private static bool TryOperand(OnnxModel model, GraphIndex index, NodeProto node, int operand, int outputs, double[] bias)
    {
        if (node.Input.Count > operand && node.Input[operand].Length > 0)
            return TryConstant(model, index, node, operand, outputs, bias);
        var name = NewWeight(model, node.Output[0], [outputs], Array.ConvertAll(bias, value => (float)value));
        if (node.Input.Count > operand)
            node.Input[operand] = name;
        else
            node.Input.Add(name);
        return true;
    }

    /// <summary>Changes a constant operand with one value per output along the last axis; other users of it keep the old one.</summary>
    private static bool TryConstant(OnnxModel model, GraphIndex index, NodeProto node, int operand, int outputs, double[] bias)
    {
        var name = node.Input[operand];
        if (!model.Weights.TryGetValue(name, out var weight) || weight.Type != TensorProto.Types.DataType.Float
            || weight.Shape.Count == 0 || weight.Elements != outputs || weight.Shape[^1] != outputs)
        {
            return false;
        }
        var values = weight.ReadSingles();
        for (var output = 0; output < outputs; output++)
            values[output] = (float)(values[output] + bias[output]);
        if (index.Uses(name).Count == 1 && !index.IsOutput(name))
            model.SetWeight(name, [.. weight.Shape], values);
        else
            node.Input[operand] = NewWeight(model, node.Output[0], [.. weight.Shape], values);
        return true;
    }

    private static void InsertAdd(OnnxModel model, WeightSite site, double[] bias)
    {
        var node = site.Node;
        var output = node.Output[0];
        // Channels of a convolution are followed by its spatial axes.
        long[] shape = [site.Outputs, .. Enumerable.Repeat(1L, site.KernelShape.Count)];
        var name = NewWeight(model, output, shape, Array.ConvertAll(bias, value => (float)value));
        var product = ValueNames.Fresh(model, output + "_product");
        node.Output[0] = product;
        var add = new NodeProto { OpType = "Add", Name = ValueNames.Fresh(model, output + "_add_bias") };
        add.Input.Add([product, name]);
        add.Output.Add(output);
        model.Graph.Node.Insert(model.Graph.Node.IndexOf(node) + 1, add);
    }

    private static string NewWeight(OnnxModel model, string output, long[] shape, float[] values)
    {
        var name = ValueNames.Fresh(model, output + "_bias");
        model.SetWeight(name, shape, values);
        // Before this version every initializer had to be a graph input as well.
        model.Proto.IrVersion = Math.Max(FirstIrVersionWithFreeInitializers, model.Proto.IrVersion);
        return name;
    }
}
