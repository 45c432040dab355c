using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Targeting;

/// <summary>
/// Folds a BatchNormalization into the weight and the bias of the Conv, Gemm or MatMul before it, in inference form:
/// s = scale / √(variance + ε), W' = s · W, b' = s · (b − mean) + B (Ioffe and Szegedy 2015; ONNX operator BatchNormalization).
/// Of an int8 weight only the scales change, one for each output.
/// </summary>
public static class BatchNormFolding
{
    /// <summary>Folds what can be folded; parameters that nothing reads any more stay for <see cref="UnusedParts"/>.</summary>
    /// <returns>The number of normalizations that are gone.</returns>
    public static int Fold(OnnxModel model)
    {
        var folded = 0;
        foreach (var site in WeightSites.Find(model))
        {
            var index = new GraphIndex(model.Graph);
            if (Parameters(model, index, site) is not { } parameters || !TryBias(model, site, out var bias))
                continue;
            Scale(model, site, parameters.Scales);
            for (var output = 0; output < site.Outputs; output++)
                bias[output] = parameters.Scales[output] * bias[output] + parameters.Shifts[output];
            Replace(model, site, parameters.Node, Array.ConvertAll(bias, value => (float)value));
            folded++;
        }

        return folded;
    }

    /// <summary>The normalization behind a site as y = scale · x + shift for each output, or null.</summary>
    private static (NodeProto Node, double[] Scales, double[] Shifts)? Parameters(OnnxModel model, GraphIndex index, WeightSite site)
    {
        string[] own = site.Storage == WeightStorage.FullPrecision ? [site.StoredName] : [site.StoredName, site.ScaleName!, site.WeightName];
        if (own.Any(value => index.Uses(value).Count != 1 || index.IsOutput(value)))
            return null;
        if (index.OnlyConsumer(site.OutputName) is not { OpType: "BatchNormalization", Domain: "" or "ai.onnx", Input.Count: 5 } node
            || node.Input[0] != site.OutputName || node.GetInt("training_mode", 0) != 0 || node.GetInt("spatial", 1) != 1
            || node.Output.Skip(1).Any(output => output.Length > 0))
            return null;
        // The normalization counts channels along axis 1; a product of more dimensions has its outputs elsewhere.
        if (site.Kind == SiteKind.MatMul && new KnownShapes(model).RankOf(site.OutputName) != 2)
            return null;
        var values = new float[4][];
        for (var i = 0; i < values.Length; i++)
        {
            if (!IsVector(model, node.Input[i + 1], site.Outputs))
                return null;
            values[i] = model.Weights[node.Input[i + 1]].ReadSingles();
        }

        double epsilon = node.GetFloat("epsilon", 1e-5f);
        var scales = new double[site.Outputs];
        var shifts = new double[site.Outputs];
        for (var output = 0; output < site.Outputs; output++)
        {
            scales[output] = values[0][output] / Math.Sqrt(values[3][output] + epsilon);
            shifts[output] = values[1][output] - scales[output] * values[2][output];
        }

        return scales.Concat(shifts).All(double.IsFinite) ? (node, scales, shifts) : null;
    }

    /// <summary>The constant bias of a site, zeros when it has none.</summary>
    private static bool TryBias(OnnxModel model, WeightSite site, out double[] bias)
    {
        bias = new double[site.Outputs];
        var node = site.Node;
        if (site.Kind == SiteKind.Gemm && (node.GetFloat("alpha", 1) != 1 || node.GetFloat("beta", 1) != 1))
            return false;
        if (site.Kind == SiteKind.MatMul || node.Input.Count < 3 || node.Input[2].Length == 0)
            return true;
        if (!IsVector(model, node.Input[2], site.Outputs))
            return false;
        bias = Array.ConvertAll(model.Weights[node.Input[2]].ReadSingles(), value => (double)value);
        return true;
    }

    private static void Scale(OnnxModel model, WeightSite site, double[] scales)
    {
        if (site.Storage == WeightStorage.Int8PerOutput)
        {
            var perOutput = model.Weights[site.ScaleName!].ReadSingles();
            model.SetWeight(site.ScaleName!, [site.Outputs], [.. perOutput.Select((scale, output) => (float)(scale * scales[output]))]);
            return;
        }

        var matrix = site.ReadMatrix(model);
        for (var output = 0; output < site.Outputs; output++)
            for (var input = 0; input < site.Inputs; input++)
                matrix[(long)output * site.Inputs + input] = (float)(matrix[(long)output * site.Inputs + input] * scales[output]);
        site.WriteMatrix(model, matrix);
    }

    private static void Replace(OnnxModel model, WeightSite site, NodeProto normalization, float[] bias)
    {
        var name = $"{site.OutputName}.bias";
        for (var i = 2; model.Weights.ContainsKey(name); i++)
            name = $"{site.OutputName}.bias.{i}";
        model.SetWeight(name, [site.Outputs], bias);
        var nodes = model.Graph.Node;
        if (site.Kind == SiteKind.MatMul)
        {
            nodes[nodes.IndexOf(normalization)] = new NodeProto
            {
                Name = normalization.Name, OpType = "Add", Input = { site.OutputName, name }, Output = { normalization.Output[0] },
            };
            return;
        }

        while (site.Node.Input.Count < 3)
            site.Node.Input.Add("");
        site.Node.Input[2] = name;
        site.Node.Output[0] = normalization.Output[0];
        nodes.Remove(normalization);
    }

    private static bool IsVector(OnnxModel model, string value, int outputs) =>
        model.Weights.TryGetValue(value, out var weight) && weight.Type == TensorProto.Types.DataType.Float
        && weight.Elements == outputs && weight.Shape.Count > 0 && weight.Shape[^1] == outputs;
}
