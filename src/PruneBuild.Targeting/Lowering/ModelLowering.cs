using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;
using PruneBuild.Targeting.Calibration;

namespace PruneBuild.Targeting;

/// <summary>Rewrites a pruned model to the kernels of one device.</summary>
public static class ModelLowering
{
    /// <summary>
    /// Gives every MatMul, Gemm and Conv with a constant weight the kernel that <see cref="KernelPlanner"/> chooses, in place.
    /// Sparse layers become <c>prunebuild.SparseMatMul</c> and <c>prunebuild.SparseConv</c> nodes with their bias, residual and
    /// activation, dense int8 layers <c>com.microsoft.DynamicQuantizeMatMul</c>, those of statically quantized models and what lies between them
    /// ONNX Runtime's operators on bytes; the others stay as they are. A BatchNormalization
    /// is folded into the layer before it, and a residual sum into the root mean square normalization of it. Weights nothing reads any more are removed.
    /// </summary>
    /// <param name="model">The pruned model; weights are float, or int8 behind a DequantizeLinear with a scale for each output.</param>
    /// <param name="device">The target.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>The layers in node order, refusals with their numbers included.</returns>
    public static IReadOnlyList<LoweredLayer> Lower(OnnxModel model, Device device, LoweringOptions? options = null)
    {
        options ??= new LoweringOptions();
        BatchNormFolding.Fold(model);
        var known = new KnownShapes(model);
        var sites = WeightSites.Find(model);
        var shapes = new LayerShapes(model, sites, options.BatchSize);
        var writers = (Linear: new LinearNodeWriter(model), Conv: new ConvNodeWriter(model));
        var stored = new PlanOptions { AllowInt8 = options.AllowDynamicInt8, Threads = options.Threads };
        var fourBit = stored with { Precisions = new HashSet<WeightPrecision> { WeightPrecision.FourBit }, AllowFullPrecision = false };
        var grouped = options.GroupQuantized is { } quantized ? new GroupQuantizedLayers(quantized) : null;
        var statically = options.StaticQuantized is { } integer ? new StaticQuantizedLayers(integer) : null;
        var inFloat = new HashSet<string>(StringComparer.Ordinal);
        var confirmation = options.Confirm && KernelConfirmation.CanMeasure(device) ? new KernelConfirmation(options.Threads) : null;
        var layers = new List<LoweredLayer>(sites.Count);
        foreach (var site in sites)
        {
            var weights = LayerWeight.Read(model, site);
            var layer = Dense(model, site, weights.Sparsity());
            var node = grouped?.Find(site);
            var isWithinSevenBits = weights.IsWithinSevenBits();
            var saturates = device.SaturatesInt8 && !isWithinSevenBits;
            var isStatic = statically?.Contains(site) == true && !saturates;
            if (isStatic)
                layer = layer with { Kernel = KernelName.DenseInt8Static, Precision = KernelName.Of(WeightPrecision.EightBit) };
            else
                inFloat.Add(site.OutputName);
            if (node is not null && GroupQuantizedLayers.BitsOf(node) != 4)
            {
                layers.Add(Grouped(model, grouped!, site, node, layer with { Reason = "8 bits, as the recipe asks" }));
                continue;
            }
            var (pattern, obstacle) = Replacement.Match(model, new GraphIndex(model.Graph), site);
            if (shapes.Of(site) is not { } shape)
            {
                layer = layer with
                {
                    Reason = $"refused: {(obstacle is null ? "" : $"{obstacle}; ")}times unknown, for the model does not give the output positions",
                };
                layers.Add(node is null ? layer : Grouped(model, grouped!, site, node, layer));
                continue;
            }

            shape = shape with { Obstacle = obstacle, IsWithinSevenBits = isWithinSevenBits, IsStatic = isStatic };
            var allowed = node is not null ? fourBit : options.RequireDynamicInt8 && shape.IsQuantized && !saturates ? stored with { AllowFullPrecision = false } : stored;
            var plan = KernelPlanner.Plan(shape, new MeasuredZeros(weights), device, allowed);
            plan = confirmation?.Confirm(plan, () => weights) ?? plan;
            layer = layer with { Reason = plan.Reason, Candidates = plan.Candidates };
            if (node is not null && (pattern is null || !plan.Chosen.IsSparse))
                layers.Add(Grouped(model, grouped!, site, node, layer));
            else
                layers.Add(pattern is null ? layer : Write(writers, pattern, site, weights, plan, layer, options));
        }

        if (statically is not null)
        {
            statically.Insert(model, inFloat);
            IntegerOperators.Fuse(model);
        }
        SkipNormalization.Fuse(model, known);
        UnusedParts.Remove(model);
        return options.StoreHalf ? HalfStorage.Store(model, layers, device) : layers;
    }

    private static LoweredLayer Grouped(OnnxModel model, GroupQuantizedLayers grouped, WeightSite site, NodeProto node, LoweredLayer layer) => layer with
    {
        StoredBytes = grouped.Write(model, site, node),
        Kernel = GroupQuantizedLayers.KernelOf(node),
        Precision = $"int{GroupQuantizedLayers.BitsOf(node)}",
    };

    private static LoweredLayer Dense(OnnxModel model, WeightSite site, double sparsity)
    {
        var isQuantized = site.Storage == WeightStorage.Int8PerOutput;
        var bytes = model.Weights[site.StoredName].Bytes + (isQuantized ? model.Weights[site.ScaleName!].Bytes : 0);
        return new LoweredLayer(
            site.Name, site.Kind.ToString(), site.Outputs, site.Inputs, sparsity,
            isQuantized ? KernelName.DenseFp32StoredInt8 : KernelName.DenseFp32, "fp32", bytes, "", []);
    }

    private static LoweredLayer Write(
        (LinearNodeWriter Linear, ConvNodeWriter Conv) writers, Replacement pattern, WeightSite site, WeightMatrix weights, LayerPlan plan, LoweredLayer layer,
        LoweringOptions options)
    {
        var format = PackedFormats.Find(plan.Chosen.Kernel);
        string? note = null;
        PackedLayer Pack()
        {
            var chosen = options.Pack?.Invoke(site, format!, weights) ?? new PackedLayer(format!.Pack(weights), null);
            note = chosen.Note;
            return chosen;
        }
        long? bytes = (pattern, plan.Chosen.Kernel) switch
        {
            ({ Conv: { } conv }, _) when format is not null => writers.Conv.WriteSparse(conv, format.Name, Pack),
            ({ Linear: { } linear }, _) when format is not null => writers.Linear.WriteSparse(linear, format.Name, Pack),
            ({ Linear: { } linear }, KernelName.DenseInt8) => writers.Linear.WriteDynamicQuantized(linear),
            _ => null,
        };
        return layer with
        {
            Kernel = plan.Chosen.Kernel,
            Precision = plan.Chosen.Precision,
            StoredBytes = bytes ?? layer.StoredBytes,
            Reason = note is null ? layer.Reason : $"{layer.Reason}; {note}",
        };
    }
}
