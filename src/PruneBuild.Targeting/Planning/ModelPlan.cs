using PruneBuild.Graph;
using PruneBuild.Runtime;
using PruneBuild.Targeting.Calibration;

namespace PruneBuild.Targeting;

/// <summary>How a model is planned without compressing it.</summary>
public sealed record ModelPlanOptions
{
    /// <summary>What the planner may use.</summary>
    public PlanOptions Planning { get; init; } = new();

    /// <summary>As <see cref="LoweringOptions.BatchSize"/>.</summary>
    public long BatchSize { get; init; } = 1;

    /// <summary>The pattern that the weights are assumed to be pruned to; null when each format may get the one it is made for.</summary>
    public ZeroPattern? Pattern { get; init; }

    /// <summary>The sparsity that is assumed; null for the zeros that the weights have, which are then read.</summary>
    public double? Sparsity { get; init; }

    /// <summary>The sparsity that is assumed of single layers; null for <see cref="Sparsity"/> in all.</summary>
    public Func<WeightSite, double>? LayerSparsity { get; init; }

    /// <summary>Times what was chosen on this machine; null to go by predictions alone.</summary>
    public KernelConfirmation? Confirmation { get; init; }
}

/// <summary>What every linear layer of a model would run on.</summary>
/// <param name="Device">The target.</param>
/// <param name="Layers">The layers in node order.</param>
/// <param name="Unplanned">Layers whose shape the model does not give.</param>
public sealed record ModelPlan(Device Device, IReadOnlyList<LayerPlan> Layers, IReadOnlyList<string> Unplanned)
{
    /// <summary>Plans the MatMul, Gemm and Conv nodes with a constant weight. Weights are read only to measure their zeros.</summary>
    public static ModelPlan Of(OnnxModel model, Device device, ModelPlanOptions options)
    {
        var sites = WeightSites.Find(model);
        var shapes = new LayerShapes(model, sites, options.BatchSize);
        var index = new GraphIndex(model.Graph);
        var layers = new List<LayerPlan>(sites.Count);
        var unplanned = new List<string>();
        foreach (var site in sites)
        {
            if (shapes.Of(site) is not { } shape)
            {
                unplanned.Add(site.Name);
                continue;
            }

            var assumed = options.LayerSparsity?.Invoke(site) ?? options.Sparsity;
            var weights = assumed is null ? LayerWeight.Read(model, site) : null;
            LayerZeros zeros = weights is not null
                ? new MeasuredZeros(weights)
                : new AssumedZeros(options.Pattern, assumed!.Value, site.Outputs, site.Inputs);
            shape = shape with { Obstacle = Replacement.Match(model, index, site).Obstacle, IsWithinSevenBits = weights?.IsWithinSevenBits() ?? true };
            var plan = KernelPlanner.Plan(shape, zeros, device, options.Planning);
            layers.Add(options.Confirmation?.Confirm(plan, () => weights ?? Assumed(plan)) ?? plan);
        }

        return new ModelPlan(device, layers, unplanned);
    }

    /// <summary>The dense kernel that a layer would run on without sparse ones.</summary>
    public static KernelCandidate BestDense(LayerPlan layer) =>
        layer.Candidates.Where(candidate => candidate is { IsSparse: false, Obstacle: null }).MinBy(candidate => candidate.Microseconds)!;

    /// <summary>The fastest sparse kernel that can run the layer, chosen or not; null when none can.</summary>
    public static KernelCandidate? BestSparse(LayerPlan layer) =>
        layer.Candidates.Where(candidate => candidate is { IsSparse: true, Obstacle: null }).MinBy(candidate => candidate.Microseconds);

    private static WeightMatrix Assumed(LayerPlan plan) => PatternWeights.Make(
        ZeroPattern.Parse(PackedFormats.Find(plan.Chosen.Kernel)!.Pattern), plan.Chosen.Sparsity, plan.Layer.Outputs, plan.Layer.Inputs);
}
