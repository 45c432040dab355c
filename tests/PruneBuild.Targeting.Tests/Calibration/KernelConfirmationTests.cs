using PruneBuild.Runtime;
using PruneBuild.Targeting;
using PruneBuild.Targeting.Calibration;

namespace PruneBuild.Tests.Targeting;

/// <summary>Differences here are so large that no disturbance can turn them.</summary>
public sealed class KernelConfirmationTests
{
    // So large that even kernels compiled without optimization, which only skip, are far ahead.
    private const int Size = 4096;

    private static readonly LayerShape Layer = new("ffn", "MatMul", Size, Size, 16, false);

    private static LayerPlan Chosen(Func<WeightMatrix, LayerZeros> zeros, double sparsity, out WeightMatrix weights)
    {
        weights = PatternWeights.Make(ZeroPattern.Parse("8x1"), sparsity, Layer.Outputs, Layer.Inputs);
        var plan = KernelPlanner.Plan(Layer, zeros(weights), DeviceCatalogue.Find("linux-x64"));
        var sparse = plan.Candidates.Single(candidate => candidate.Kernel == Block8x1Float32.FormatName);
        return plan with { Chosen = sparse };
    }

    /// <summary>The kernels lie an order of magnitude apart, but a machine that does something else may stop either for longer than a measurement takes.</summary>
    private static LayerPlan Confirm(LayerPlan plan, WeightMatrix weights, Func<LayerPlan, bool> isExpected)
    {
        const int attempts = 5;
        var found = Enumerable.Range(0, attempts).Select(_ => new KernelConfirmation(seconds: 0.02).Confirm(plan, () => weights)).ToList();
        return found.Find(one => isExpected(one)) ?? found[^1];
    }

    [Fact]
    public void A_kernel_that_skips_nearly_everything_is_confirmed_with_its_ratio()
    {
        var plan = Chosen(weights => new MeasuredZeros(weights), 0.999, out var weights);

        var confirmed = Confirm(plan, weights, found => found.Chosen == plan.Chosen);

        Assert.True(plan.Chosen == confirmed.Chosen, confirmed.Reason);
        Assert.Matches(@"; measured \d+\.\d\d times as fast as dense\.fp32$", confirmed.Reason);
    }

    [Fact]
    public void A_kernel_that_is_slower_is_revoked()
    {
        // Float weights with hardly a zero are four times the bytes of int8 ones.
        var layer = new LayerShape("ffn", "MatMul", 1024, 1024, 1, false);
        var weights = PatternWeights.Make(ZeroPattern.Parse("8x1"), 0, layer.Outputs, layer.Inputs);
        var int8 = new PlanOptions { Precisions = new HashSet<WeightPrecision> { WeightPrecision.EightBit } };
        var plan = KernelPlanner.Plan(layer, new MeasuredZeros(weights), DeviceCatalogue.Find("linux-x64"), int8);
        plan = plan with { Chosen = plan.Candidates.Single(candidate => candidate.Kernel == Block8x1Float32.FormatName) };

        var revoked = Confirm(plan, weights, found => found.Chosen.Kernel == KernelName.DenseInt8);

        Assert.Equal(KernelName.DenseInt8, revoked.Chosen.Kernel);
        Assert.Matches(@"^refused: block8x1\.float32 measured 0\.\d\d times as fast as dense\.int8; predicted ", revoked.Reason);
    }

    [Fact]
    public void A_dense_kernel_is_not_measured()
    {
        var plan = KernelPlanner.Plan(Layer, new DenseZeros(Size, Size), DeviceCatalogue.Find("linux-x64"));

        Assert.Same(plan, new KernelConfirmation().Confirm(plan, () => throw new InvalidOperationException("weights were read")));
    }

    [Fact]
    public void Only_devices_of_this_machines_RID_can_be_measured() => Assert.Equal(
        [HostMachine.Rid], DeviceCatalogue.All.Where(KernelConfirmation.CanMeasure).Select(device => device.Rid).Distinct());
}
