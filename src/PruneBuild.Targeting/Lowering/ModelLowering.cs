using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Targeting;

/// <summary>Rewrites a pruned model to the kernels of one device.</summary>
public static class ModelLowering
{
    /// <summary>
    /// Gives every MatMul, Gemm and Conv with a constant weight the kernel that <see cref="KernelPlanner"/> chooses, in place.
    /// Sparse layers become <c>prunebuild.SparseMatMul</c> nodes with their bias and Relu, dense int8 layers
    /// <c>com.microsoft.DynamicQuantizeMatMul</c>; the others stay as they are. Weights nothing reads any more are removed.
    /// </summary>
    /// <param name="model">The pruned model; weights are float, or int8 behind a DequantizeLinear with a scale for each output.</param>
    /// <param name="device">The target.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>The layers in node order, refusals with their numbers included.</returns>
    public static IReadOnlyList<LoweredLayer> Lower(OnnxModel model, Device device, LoweringOptions? options = null)
    {
        options ??= new LoweringOptions();
        var sites = WeightSites.Find(model);
        var rows = new ActivationRows(model.Graph);
        var positions = new SpatialSizes(model);
        var modelWeights = sites.DistinctBy(site => site.StoredName).Sum(site => (long)site.Outputs * site.Inputs);
        var writer = new LinearNodeWriter(model);
        var planning = new PlanOptions { AllowInt8 = options.AllowDynamicInt8, Threads = options.Threads };
        var layers = new List<LoweredLayer>(sites.Count);
        foreach (var site in sites)
        {
            var weight = LayerWeight.Read(model, site);
            var batch = site.Kind == SiteKind.Conv
                ? rows.OfChannels(site.OutputName) ?? options.BatchSize * positions.Of(site.OutputName)
                : rows.OfFeatures(site.InputName) ?? options.BatchSize;
            var layer = Dense(model, site, weight.Sparsity);
            if (batch is null)
            {
                layers.Add(layer with
                {
                    Reason = $"refused: {KernelPlanner.NoConvKernel}; dense time unknown, for the model does not give the output positions",
                });
                continue;
            }

            var plan = KernelPlanner.Plan(weight.Shape(site, batch.Value, modelWeights), device, planning);
            layer = layer with { Reason = plan.Reason, Candidates = plan.Candidates };
            if (site.Kind == SiteKind.Conv)
            {
                layers.Add(layer);
                continue;
            }

            var (pattern, obstacle) = LinearPattern.Match(model, new GraphIndex(model.Graph), site);
            layers.Add(pattern is null
                ? layer with { Reason = $"refused: {obstacle}; {plan.Reason}" }
                : Write(writer, pattern, weight, plan, layer));
        }

        UnusedParts.Remove(model);
        return layers;
    }

    private static LoweredLayer Dense(OnnxModel model, WeightSite site, WeightSparsity sparsity)
    {
        var isQuantized = site.Storage == WeightStorage.Int8PerOutput;
        var bytes = model.Weights[site.StoredName].Bytes + (isQuantized ? model.Weights[site.ScaleName!].Bytes : 0);
        return new LoweredLayer(
            site.Name, site.Kind.ToString(), site.Outputs, site.Inputs, sparsity,
            isQuantized ? KernelName.DenseFp32StoredInt8 : KernelName.DenseFp32, "fp32", bytes, "", []);
    }

    private static LoweredLayer Write(
        LinearNodeWriter writer, LinearPattern pattern, LayerWeight weight, LayerPlan plan, LoweredLayer layer)
    {
        long? bytes = plan.Chosen.Kernel switch
        {
            var name when PackedFormats.Find(name) is { } format => writer.WriteSparse(
                pattern, name, () => format.Pack(weight.Matrix(layer.Outputs, layer.Inputs))),
            KernelName.DenseInt8 => writer.WriteDynamicQuantized(pattern),
            _ => null,
        };
        return layer with
        {
            Kernel = plan.Chosen.Kernel,
            Precision = plan.Chosen.Precision,
            StoredBytes = bytes ?? layer.StoredBytes,
        };
    }
}
