using CsCheck;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

public sealed class KernelPlannerTests
{
    private static readonly Device X64 = DeviceCatalogue.Find("linux-x64");

    private static LayerShape Layer(bool quantized = true, int outputs = 3072, int inputs = 768, long rows = 1) =>
        new("ffn", "MatMul", outputs, inputs, rows, quantized);

    private static LayerPlan Plan(LayerShape layer, double blocks8x4, double blocks8x1, Device device, PlanOptions? options = null) => KernelPlanner.Plan(
        layer, new GivenZeros(layer, (Block8x4Int8.FormatName, blocks8x4), (Block8x1Float32.FormatName, blocks8x1)), device, options);

    private static KernelCandidate Candidate(LayerPlan plan, string kernel) => plan.Candidates.Single(candidate => candidate.Kernel == kernel);

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(128)]
    public void Half_of_the_weights_pruned_without_structure_is_refused_with_numbers(int rows)
    {
        // Half of the elements are zero, but no block of 32 is.
        var plan = Plan(Layer(rows: rows), 0, 0, X64);

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
                    var plan = KernelPlanner.Plan(
                        Layer(quantized, rows: rows) with { ModelWeights = modelWeights }, new DenseZeros(3072, 768), device);
                    Assert.False(plan.Chosen.IsSparse, plan.Reason);
                }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(128)]
    public void Four_of_five_blocks_pruned_is_taken(int rows)
    {
        var plan = Plan(Layer(rows: rows), 0.8, 0, X64);

        Assert.Equal(Block8x4Int8.FormatName, plan.Chosen.Kernel);
        Assert.StartsWith("block8x4.int8 ", plan.Reason, StringComparison.Ordinal);
        Assert.Contains("dense.int8", plan.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux-x64-avx2", 12, 43)]
    public void The_prediction_for_the_measured_machine_is_near_its_measurement(string device, double sparse, double dense)
    {
        var plan = Plan(Layer(), 0.8, 0, DeviceCatalogue.Find("linux-x64", device));

        Assert.InRange(Candidate(plan, Block8x4Int8.FormatName).Microseconds, sparse * 0.85, sparse * 1.15);
        Assert.InRange(Candidate(plan, KernelName.DenseInt8).Microseconds, dense * 0.85, dense * 1.15);
    }

    [Theory]
    [InlineData(1.0 / 0.9 + 1e-6, Block8x4Int8.FormatName)]
    [InlineData(1.0 / 0.9 - 1e-6, KernelName.DenseInt8)]
    public void A_sparse_kernel_must_save_a_tenth_of_the_dense_time(double sparsePerDenseRate, string kernel)
    {
        // Rates alone decide: everything is in the cache, and an empty node costs nothing.
        var int8 = X64.DenseWeightsPerSecond["int8"].One.Value;
        var curve = new RateCurve([new RatePoint(0.5, sparsePerDenseRate * int8)], "estimated: for the test");
        var none = new Figure(0, "estimated: for the test");
        var device = X64 with
        {
            NodeOverheadSeconds = new NodeOverhead(none, none),
            QuantizeSecondsPerElement = none,
            SparseWeightsPerSecond = new Dictionary<string, SparseRates>(X64.SparseWeightsPerSecond)
            {
                [Block8x4Int8.FormatName] = new SparseRates(curve, curve, curve),
            },
        };

        Assert.Equal(kernel, Plan(Layer(), 0.5, 0, device).Chosen.Kernel);
    }

    [Fact]
    public void A_sparse_fp32_kernel_is_compared_with_fp32_when_the_weights_are_float()
    {
        var plan = Plan(Layer(quantized: false), 0, 0.6, X64);

        Assert.Equal(Block8x1Float32.FormatName, plan.Chosen.Kernel);
        Assert.Equal("the weights are not int8", Candidate(plan, KernelName.DenseInt8).Obstacle);
        Assert.Equal("the weights are not int8", Candidate(plan, Block8x4Int8.FormatName).Obstacle);
    }

    [Fact]
    public void Weights_beyond_7_bits_keep_dense_int8_off_a_device_that_saturates()
    {
        var layer = Layer() with { IsWithinSevenBits = false };

        var onX64 = Plan(layer, 0, 0, X64);
        var onArm = Plan(layer, 0, 0, DeviceCatalogue.Find("linux-arm64", "raspberry-pi-5"));

        Assert.Equal(KernelName.DenseFp32StoredInt8, onX64.Chosen.Kernel);
        Assert.EndsWith("stays; dense.int8: int8 products saturate on this device; weights of 7 bits would not", onX64.Reason, StringComparison.Ordinal);
        Assert.Equal(KernelName.DenseInt8, onArm.Chosen.Kernel);
    }

    [Fact]
    public void Without_int8_activations_int8_weights_only_save_storage()
    {
        var plan = Plan(Layer(), 0.9, 0, X64, new PlanOptions { AllowInt8 = false });

        Assert.Equal(KernelName.DenseFp32StoredInt8, plan.Chosen.Kernel);
        Assert.Contains("int8 activations are not allowed", plan.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_fewer_bits_are_asked_for_float_is_no_choice()
    {
        var fourBit = new PlanOptions { Precisions = new HashSet<WeightPrecision> { WeightPrecision.FourBit }, AllowFullPrecision = false };
        var layer = Layer(quantized: false);

        Assert.Equal(KernelName.DenseInt4, Plan(layer, 0, 0, X64, fourBit).Chosen.Kernel);
        Assert.Equal(Block8x4Int4.FormatName, KernelPlanner.Plan(layer, new GivenZeros(layer, (Block8x4Int4.FormatName, 0.8)), X64, fourBit).Chosen.Kernel);
        // What nothing can replace keeps what it has.
        var stuck = Plan(layer with { Obstacle = "no reason" }, 0.8, 0.8, X64, fourBit);
        Assert.Equal(KernelName.DenseFp32, stuck.Chosen.Kernel);
        Assert.StartsWith("refused: no reason", stuck.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_of_a_model_that_leaves_the_cache_is_read_from_memory()
    {
        var alone = Plan(Layer(), 0, 0, X64);
        var inLargeModel = Plan(Layer() with { ModelWeights = 1_000_000_000 }, 0, 0, X64);

        Assert.All(Predicted(alone), candidate => Assert.Equal(MemoryRegime.Cache, candidate.Regime));
        Assert.All(Predicted(inLargeModel), candidate => Assert.Equal(MemoryRegime.Memory, candidate.Regime));
        Assert.Equal(
            4.0 * 3072 * 768 / X64.BandwidthBytesPerSecond.OneCore.Value * 1e6 + X64.NodeOverheadSeconds.BuiltIn.Value * 1e6,
            Candidate(inLargeModel, KernelName.DenseFp32StoredInt8).Microseconds, 6);
    }

    [Fact]
    public void Bytes_per_weight_are_those_of_the_packed_formats()
    {
        var plan = Plan(Layer(), 0.5, 0, X64);
        var single = Plan(Layer(quantized: false), 0, 0.5, X64);
        double weights = 3072 * 768;

        Assert.Equal(4.000, Candidate(plan, KernelName.DenseFp32StoredInt8).Bytes / weights, 2);
        Assert.Equal(1.005, Candidate(plan, KernelName.DenseInt8).Bytes / weights, 3);
        Assert.Equal(0.625, Candidate(plan, KernelName.DenseInt4).Bytes / weights, 3);
        Assert.Equal(0.542, Candidate(plan, Block8x4Int8.FormatName).Bytes / weights, 3);
        Assert.Equal(2.126, Candidate(single, Block8x1Float32.FormatName).Bytes / weights, 3);
    }

    [Fact]
    public void A_layer_that_nothing_can_replace_stays_dense_and_says_why()
    {
        var plan = Plan(Layer() with { Obstacle = "Gemm with alpha or beta other than 1" }, 0.9, 0.9, X64);

        Assert.Equal(KernelName.DenseFp32StoredInt8, plan.Chosen.Kernel);
        Assert.Matches(@"^refused: Gemm with alpha .*; dense\.fp32 \(int8 stored\) \d+\.\d us", plan.Reason);
    }

    [Fact]
    public void A_Conv_is_compared_with_the_float_Conv_and_needs_channels_that_fill_the_format()
    {
        var conv = Layer(outputs: 64, inputs: 9 * 64, rows: 1024) with { Op = "Conv", Channels = 64, Activations = 64 * 1024 };

        var whole = Plan(conv, 0.8, 0, X64);
        var ragged = Plan(conv with { Inputs = 9 * 63, Channels = 63 }, 0.8, 0, X64);

        Assert.Equal(Block8x4Int8.FormatName, whole.Chosen.Kernel);
        Assert.Contains("dense.fp32", whole.Reason, StringComparison.Ordinal);
        Assert.Equal("a Conv needs the ranges of its activations beforehand", Candidate(whole, KernelName.DenseInt8).Obstacle);
        Assert.Equal("63 channels are not a multiple of 4", Candidate(ragged, Block8x4Int8.FormatName).Obstacle);
    }

    [Fact]
    public void A_layer_on_bytes_has_the_int8_kernel_and_a_sparse_one_must_beat_that()
    {
        var conv = Layer(outputs: 64, inputs: 9 * 64, rows: 1024) with { Op = "Conv", Channels = 64, Activations = 64 * 1024, IsStatic = true };

        var dense = Plan(conv with { Obstacle = "a Conv of 2 groups" }, 0, 0, X64);
        var sparse = Plan(conv, 0.9, 0, X64);

        Assert.Equal((KernelName.DenseInt8Static, "int8"), (dense.Chosen.Kernel, dense.Chosen.Precision));
        Assert.Equal("the activations are quantized", Candidate(dense, KernelName.DenseFp32StoredInt8).Obstacle);
        Assert.Equal(Block8x4Int8.FormatName, sparse.Chosen.Kernel);
        Assert.Contains(KernelName.DenseInt8Static, sparse.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Conv_pays_for_every_element_it_transposes()
    {
        var conv = Layer(outputs: 64, inputs: 64, rows: 1024) with { Op = "Conv", Channels = 64, Activations = 64 * 1024 };
        var slow = X64 with { TransposeSecondsPerElement = new Figure(X64.TransposeSecondsPerElement.Value + 1e-9, "estimated: for the test") };

        Assert.Equal(
            2 * 64 * 1024 * 1e-3,
            Candidate(Plan(conv, 0.8, 0, slow), Block8x4Int8.FormatName).Microseconds
                - Candidate(Plan(conv, 0.8, 0, X64), Block8x4Int8.FormatName).Microseconds, 6);
    }

    [Fact]
    public void Quantizing_the_activations_keeps_a_small_layer_dense()
    {
        // Eight outputs share the cost of 4096 inputs: the weights are the smaller part.
        var layer = Layer(outputs: 8, inputs: 4096) with { IsWithinSevenBits = false };
        var costly = X64 with { QuantizeSecondsPerElement = new Figure(1e-9, "estimated: for the test") };
        var free = X64 with { QuantizeSecondsPerElement = new Figure(1e-15, "estimated: for the test") };
        var options = new PlanOptions();

        Assert.True(Candidate(Plan(layer, 0.8, 0, costly, options), Block8x4Int8.FormatName).Microseconds > 4);
        Assert.Equal(KernelName.DenseFp32StoredInt8, Plan(layer, 0.8, 0, costly, options).Chosen.Kernel);
        Assert.Equal(Block8x4Int8.FormatName, Plan(layer, 0.8, 0, free, options).Chosen.Kernel);
    }

    [Fact]
    public void Float_weights_are_lowered_only_to_precisions_that_are_allowed()
    {
        var layer = Layer(quantized: false);
        var int8 = new PlanOptions { Precisions = new HashSet<WeightPrecision> { WeightPrecision.EightBit } };

        Assert.Equal(KernelName.DenseFp32, Plan(layer, 0.9, 0, X64).Chosen.Kernel);
        Assert.Equal(Block8x4Int8.FormatName, Plan(layer, 0.9, 0, X64, int8).Chosen.Kernel);
        Assert.Equal(KernelName.DenseInt8, Plan(layer, 0, 0, X64, int8).Chosen.Kernel);
        Assert.Equal("int4 is not an allowed precision", Candidate(Plan(layer, 0, 0, X64, int8), KernelName.DenseInt4).Obstacle);
    }

    [Fact]
    public void A_sparse_float_kernel_must_beat_the_dense_kernel_of_every_allowed_precision()
    {
        var layer = Layer(quantized: false);
        var all = new PlanOptions { Precisions = Enum.GetValues<WeightPrecision>().ToHashSet() };

        Assert.Equal(Block8x1Float32.FormatName, Plan(layer, 0, 0.6, X64).Chosen.Kernel);
        Assert.Equal(KernelName.DenseInt8, Plan(layer, 0, 0.6, X64, all).Chosen.Kernel);
    }

    [Fact]
    public void A_format_without_rates_is_not_used()
    {
        var device = X64 with { SparseWeightsPerSecond = new Dictionary<string, SparseRates>() };

        var plan = Plan(Layer(), 0.9, 0, device);

        Assert.Equal("no rate for block8x4.int8 on linux-x64-avx2", Candidate(plan, Block8x4Int8.FormatName).Obstacle);
        Assert.Equal(KernelName.DenseInt8, plan.Chosen.Kernel);
    }

    [Fact]
    public void Few_rows_and_many_rows_have_rates_of_their_own()
    {
        double Rate(long rows)
        {
            var plan = Plan(Layer(rows: rows), 0, 0, X64 with { QuantizeSecondsPerElement = new Figure(1e-18, "estimated: for the test") });
            return 3072 * 768 * rows / (Candidate(plan, KernelName.DenseInt8).Microseconds * 1e-6 - X64.NodeOverheadSeconds.BuiltIn.Value);
        }

        var int8 = X64.DenseWeightsPerSecond["int8"];
        Assert.Equal(int8.One.Value, Rate(1), 1e3);
        Assert.Equal(int8.Few.Value, Rate(8), 1e3);
        Assert.Equal(int8.Many.Value, Rate(64), 1e3);
    }

    [Fact]
    public void More_sparsity_never_makes_the_prediction_longer()
    {
        var layers = Gen.Select(
            Gen.Int[1, 5000], Gen.Int[1, 5000], Gen.Long[1, 300], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Bool, Gen.Long[0, 100_000_000]);

        Gen.Select(layers, Gen.Int[0, DeviceCatalogue.All.Count - 1].Select(i => DeviceCatalogue.All[i]), Gen.Int[1, 8]).Sample((layer, device, threads) =>
        {
            var (outputs, inputs, rows, one, other, quantized, modelWeights) = layer;
            LayerPlan At(double sparsity) => Plan(
                Layer(quantized, outputs, inputs, rows) with { ModelWeights = modelWeights }, sparsity, sparsity,
                device, new PlanOptions { Threads = threads });
            var (less, more) = (At(Math.Min(one, other)), At(Math.Max(one, other)));

            return less.Chosen.Microseconds >= more.Chosen.Microseconds * (1 - 1e-12)
                && less.Candidates.Zip(more.Candidates).All(pair => pair.First.Microseconds >= pair.Second.Microseconds * (1 - 1e-12));
        });
    }

    [Fact]
    public void The_same_layer_gets_the_same_plan() =>
        Assert.Equivalent(Plan(Layer(), 0.7, 0, X64), Plan(Layer(), 0.7, 0, X64), strict: true);

    private static IEnumerable<KernelCandidate> Predicted(LayerPlan plan) => plan.Candidates.Where(candidate => candidate.Microseconds > 0);
}
