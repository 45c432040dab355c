using CsCheck;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

public sealed class KernelPlannerTests
{
    private static readonly Device X64 = DeviceCatalogue.Find("linux-x64");

    private static LayerShape Layer(double blocks8x4, double blocks8x1 = 0, bool quantized = true, int outputs = 3072, int inputs = 768, long rows = 1) =>
        new("ffn", "MatMul", outputs, inputs, rows, blocks8x4, blocks8x1, quantized);

    private static KernelCandidate Candidate(LayerPlan plan, string kernel) => plan.Candidates.Single(candidate => candidate.Kernel == kernel);

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(128)]
    public void Half_of_the_weights_pruned_without_structure_is_refused_with_numbers(int rows)
    {
        // Half of the elements are zero, but no block of 32 is.
        var plan = KernelPlanner.Plan(Layer(blocks8x4: 0, rows: rows), X64);

        Assert.Equal(KernelName.DenseInt8, plan.Chosen.Kernel);
        Assert.Matches(
            @"^refused: block8x4\.int8 \d+\.\d us .*, dense\.int8 \d+\.\d us .*; a sparse kernel must win by 10 %$", plan.Reason);
    }

    [Theory]
    [MemberData(nameof(DeviceCatalogueTests.Ids), MemberType = typeof(DeviceCatalogueTests))]
    public void No_device_gets_a_sparse_kernel_for_zeros_without_structure(string id)
    {
        var device = DeviceCatalogue.All.Single(device => device.Id == id);

        foreach (var rows in new[] { 1, 16, 128 })
            foreach (var quantized in new[] { true, false })
                foreach (var modelWeights in new[] { 0, 1_000_000_000L })
                {
                    var plan = KernelPlanner.Plan(Layer(0, 0, quantized, rows: rows) with { ModelWeights = modelWeights }, device);
                    Assert.False(plan.Chosen.IsSparse, plan.Reason);
                }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(128)]
    public void Four_of_five_blocks_pruned_is_taken(int rows)
    {
        var plan = KernelPlanner.Plan(Layer(blocks8x4: 0.8, rows: rows), X64);

        Assert.Equal(KernelName.SparseInt8, plan.Chosen.Kernel);
        Assert.StartsWith("block8x4.int8 ", plan.Reason, StringComparison.Ordinal);
        Assert.Contains("dense.int8", plan.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux-x64-avx2", 12, 43)]
    public void The_prediction_for_the_measured_machine_is_near_its_measurement(string device, double sparse, double dense)
    {
        var plan = KernelPlanner.Plan(Layer(blocks8x4: 0.8), DeviceCatalogue.Find("linux-x64", device));

        Assert.InRange(Candidate(plan, KernelName.SparseInt8).Microseconds, sparse * 0.85, sparse * 1.15);
        Assert.InRange(Candidate(plan, KernelName.DenseInt8).Microseconds, dense * 0.85, dense * 1.15);
    }

    [Theory]
    [InlineData(1.0 / 0.9 + 1e-6, KernelName.SparseInt8)]
    [InlineData(1.0 / 0.9 - 1e-6, KernelName.DenseInt8)]
    public void A_sparse_kernel_must_save_a_tenth_of_the_dense_time(double sparsePerDenseRate, string kernel)
    {
        // Rates alone decide: everything is in the cache, and an empty node costs nothing.
        var int8 = X64.DenseWeightsPerSecond["int8"].Gemv.Value;
        var curve = new RateCurve([new RatePoint(0.5, sparsePerDenseRate * int8)], "estimated: for the test");
        var none = new Figure(0, "estimated: for the test");
        var device = X64 with
        {
            NodeOverheadSeconds = new NodeOverhead(none, none),
            SparseWeightsPerSecond = new Dictionary<string, SparseRates>(X64.SparseWeightsPerSecond)
            {
                [Block8x4Int8.FormatName] = new SparseRates(curve, curve),
            },
        };

        Assert.Equal(kernel, KernelPlanner.Plan(Layer(blocks8x4: 0.5), device).Chosen.Kernel);
    }

    [Fact]
    public void A_sparse_fp32_kernel_is_compared_with_fp32_when_the_weights_are_float()
    {
        var plan = KernelPlanner.Plan(Layer(0, blocks8x1: 0.6, quantized: false), X64);

        Assert.Equal(KernelName.SparseFp32, plan.Chosen.Kernel);
        Assert.Equal("the weights are not int8", Candidate(plan, KernelName.DenseInt8).Obstacle);
        Assert.Equal("the weights are not int8", Candidate(plan, KernelName.SparseInt8).Obstacle);
    }

    [Fact]
    public void Weights_beyond_7_bits_keep_dense_int8_off_a_device_that_saturates()
    {
        var layer = Layer(0) with { IsWithinSevenBits = false };

        var onX64 = KernelPlanner.Plan(layer, X64);
        var onArm = KernelPlanner.Plan(layer, DeviceCatalogue.Find("linux-arm64", "raspberry-pi-5"));

        Assert.Equal(KernelName.DenseFp32StoredInt8, onX64.Chosen.Kernel);
        Assert.EndsWith("stays; dense.int8: int8 products saturate on this device; weights of 7 bits would not", onX64.Reason, StringComparison.Ordinal);
        Assert.Equal(KernelName.DenseInt8, onArm.Chosen.Kernel);
    }

    [Fact]
    public void Without_int8_activations_int8_weights_only_save_storage()
    {
        var plan = KernelPlanner.Plan(Layer(0.9), X64, new PlanOptions { AllowInt8 = false });

        Assert.Equal(KernelName.DenseFp32StoredInt8, plan.Chosen.Kernel);
        Assert.Contains("int8 activations are not allowed", plan.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_of_a_model_that_leaves_the_cache_is_read_from_memory()
    {
        var alone = KernelPlanner.Plan(Layer(0), X64);
        var inLargeModel = KernelPlanner.Plan(Layer(0) with { ModelWeights = 1_000_000_000 }, X64);

        Assert.All(alone.Candidates, candidate => Assert.Equal(MemoryRegime.Cache, candidate.Regime));
        Assert.All(inLargeModel.Candidates, candidate => Assert.Equal(MemoryRegime.Memory, candidate.Regime));
        Assert.Equal(
            4.0 * 3072 * 768 / X64.BandwidthBytesPerSecond.OneCore.Value * 1e6 + X64.NodeOverheadSeconds.BuiltIn.Value * 1e6,
            Candidate(inLargeModel, KernelName.DenseFp32StoredInt8).Microseconds, 6);
    }

    [Fact]
    public void Bytes_per_weight_are_those_of_the_packed_formats()
    {
        var plan = KernelPlanner.Plan(Layer(0.5, 0.5), X64);
        double weights = 3072 * 768;

        Assert.Equal(4.000, Candidate(plan, KernelName.DenseFp32StoredInt8).Bytes / weights, 2);
        Assert.Equal(1.005, Candidate(plan, KernelName.DenseInt8).Bytes / weights, 3);
        Assert.Equal(0.542, Candidate(plan, KernelName.SparseInt8).Bytes / weights, 3);
        Assert.Equal(2.126, Candidate(plan, KernelName.SparseFp32).Bytes / weights, 3);
    }

    [Fact]
    public void A_Conv_stays_dense()
    {
        var plan = KernelPlanner.Plan(Layer(0.9, 0.9) with { Op = "Conv" }, X64);

        Assert.Equal(KernelName.DenseFp32StoredInt8, plan.Chosen.Kernel);
        Assert.Matches(@"^refused: no sparse Conv kernel yet; dense\.fp32 \(int8 stored\) \d+\.\d us", plan.Reason);
    }

    [Fact]
    public void More_sparsity_never_makes_the_prediction_longer()
    {
        var layers = Gen.Select(
            Gen.Int[1, 5000], Gen.Int[1, 5000], Gen.Long[1, 300], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Bool, Gen.Long[0, 100_000_000]);

        Gen.Select(layers, Gen.Int[0, DeviceCatalogue.All.Count - 1].Select(i => DeviceCatalogue.All[i]), Gen.Int[1, 8]).Sample((layer, device, threads) =>
        {
            var (outputs, inputs, rows, one, other, quantized, modelWeights) = layer;
            LayerPlan Plan(double sparsity) => KernelPlanner.Plan(
                Layer(sparsity, sparsity, quantized, outputs, inputs, rows) with { ModelWeights = modelWeights },
                device, new PlanOptions { Threads = threads });
            var (less, more) = (Plan(Math.Min(one, other)), Plan(Math.Max(one, other)));

            return less.Chosen.Microseconds >= more.Chosen.Microseconds * (1 - 1e-12)
                && less.Candidates.Zip(more.Candidates).All(pair => pair.First.Microseconds >= pair.Second.Microseconds * (1 - 1e-12));
        });
    }

    [Fact]
    public void The_same_layer_gets_the_same_plan() =>
        Assert.Equivalent(KernelPlanner.Plan(Layer(0.7), X64), KernelPlanner.Plan(Layer(0.7), X64), strict: true);
}
