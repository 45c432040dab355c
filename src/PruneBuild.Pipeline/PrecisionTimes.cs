using PruneBuild.Compression.Quantization;
using PruneBuild.Graph;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>The planner's predictions for every weight and precision on the target, as lowering would choose kernels.</summary>
internal sealed class PrecisionTimes
{
    private readonly Dictionary<(string Layer, WeightPrecision Precision), double> microseconds = [];

    private PrecisionTimes()
    {
    }

    /// <summary>Plans a model, batch normalizations folded, in every precision.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB3042 at the budget: the model does not give the output positions of a layer.</exception>
    public static PrecisionTimes Of(WorkContext context, OnnxModel model, IReadOnlyList<WeightSensitivity> weights, MixedStep step)
    {
        var times = new PrecisionTimes();
        times.Add(context, model, step, WeightPrecision.FullPrecision, new PlanOptions(), plan => plan.Chosen);
        times.Add(context, model, step, WeightPrecision.FourBit, Only(WeightPrecision.FourBit), plan => plan.Chosen.IsSparse ? plan.Chosen : Dense(plan, KernelName.DenseInt4));
        // Eight bits in groups have no sparse kernel; of a convolution they have a scale for each output, which sparse kernels read.
        times.Add(context, model, step, WeightPrecision.EightBit, Only(WeightPrecision.EightBit), plan => plan.Layer.IsConv ? plan.Chosen : Dense(plan, KernelName.DenseInt8));
        return times;
    }

    /// <summary>Whole nanoseconds of all layers that use a weight, rounded up: sums are exact and no budget is broken by rounding.</summary>
    public double Nanoseconds(WeightSensitivity weight, WeightPrecision precision) =>
        weight.Layers.Sum(layer => Math.Ceiling(1000 * microseconds[(layer, precision)]));

    private void Add(WorkContext context, OnnxModel model, MixedStep step, WeightPrecision precision, PlanOptions planning, Func<LayerPlan, KernelCandidate> kernel)
    {
        var plan = ModelPlan.Of(model, context.Device, new ModelPlanOptions { Planning = planning, BatchSize = context.Recipe.Batch });
        if (plan.Unplanned.Count > 0)
            throw step.At.Error("PB3042", plan.Unplanned[0], "the model does not give its output positions");
        foreach (var layer in plan.Layers)
            microseconds[(layer.Layer.Name, precision)] = kernel(layer).Microseconds;
    }

    private static PlanOptions Only(WeightPrecision precision) =>
        new() { Precisions = new HashSet<WeightPrecision> { precision }, AllowFullPrecision = false };

    private static KernelCandidate Dense(LayerPlan plan, string kernel) => plan.Candidates.First(candidate => candidate.Kernel == kernel);
}
