using PruneBuild.Runtime;

namespace PruneBuild.Targeting.Calibration;

/// <summary>Measures the machine it runs on, and gives what the planner needs to know about it.</summary>
public sealed class DeviceCalibration
{
    /// <summary>Rows that stand for one row, a few and many.</summary>
    private static readonly int[] Rows = [1, 8, 64];

    /// <summary>Share of a measured time that stays after fixed costs are taken off: measuring errors must not make a rate infinite.</summary>
    private const double SmallestShare = 0.1;

    private const long UnknownCacheBytes = 2 << 20;
    private const int ChainElements = 64;
    private const int ShortChain = 10;

    private readonly CalibrationSize size;
    private readonly Action<string> progress;
    private readonly string cpu = HostMachine.CpuName();
    private readonly long? reportedCache = HostMachine.LastLevelCacheBytes();
    private readonly int outputs;

    private DeviceCalibration(CalibrationSize size, Action<string> progress)
    {
        (this.size, this.progress) = (size, progress);
        outputs = size.Outputs(CacheBytes);
    }

    private long CacheBytes => reportedCache ?? UnknownCacheBytes;

    private string OneThread => $"measured on {cpu}, one thread";

    /// <summary>Measures. Takes a minute or two at full size, during which the machine should be idle.</summary>
    /// <param name="id">Id of the device.</param>
    /// <param name="size">How much to measure.</param>
    /// <param name="progress">Told what comes next.</param>
    public static Device Measure(string id, CalibrationSize size, Action<string> progress) => new DeviceCalibration(size, progress).Measure(id);

    private Device Measure(string id)
    {
        progress($"{cpu}: bandwidth");
        var cores = Environment.ProcessorCount;
        var bytes = Math.Max(size.BandwidthBytes, 4 * Math.Min(CacheBytes, size.BandwidthBytes));
        var oneCore = new MemoryReader(bytes, 1).BytesPerSecond(size.Rounds);
        var allCores = Math.Max(oneCore, new MemoryReader(bytes, cores).BytesPerSecond(size.Rounds));

        progress("empty nodes, quantization and transposition");
        var fixedCosts = FixedCosts();
        var times = Rows.Select(rows => Times(rows, fixedCosts)).ToArray();
        return new Device(
            id, HostMachine.Rid, false, $"{cpu}, calibrated",
            new(cores, "measured on this machine: processors that the operating system reports"),
            [.. KernelRegistry.Tiers.Select(KernelRegistry.DisplayName)],
            SaturatesInt8(),
            new(
                new(Round(oneCore), $"{OneThread}: read of {bytes >> 20} MiB"),
                new(Round(allCores), $"measured on {cpu}, {cores} threads: read of {bytes >> 20} MiB")),
            reportedCache is { } cache
                ? new(cache, $"measured on {cpu}: as the operating system reports it")
                : new(UnknownCacheBytes, "estimated: the operating system does not say"),
            new(
                new(Round(fixedCosts.BuiltIn), $"{OneThread}: chain of {size.ChainLength} Abs nodes less a chain of {ShortChain}"),
                new(Round(fixedCosts.Sparse), $"{OneThread}: chain of {size.ChainLength} empty SparseMatMul nodes less a chain of {ShortChain}")),
            new(Round(fixedCosts.Quantize), $"{OneThread}: SparseMatMul without weights, many inputs less few"),
            new(Round(fixedCosts.Transpose), $"{OneThread}: SparseConv without weights, channels-last and back"),
            Enum.GetValues<WeightPrecision>().ToDictionary(KernelName.Of, precision => DenseRate(precision, times)),
            times[0].Keys.Where(timed => timed.Format is not null).GroupBy(timed => timed.Format!)
                .ToDictionary(timed => timed.Key.Name, timed => SparseRate(timed.Key, [.. timed], times)));
    }

    /// <summary>Times of everything that runs on that many rows: seconds of the multiplication alone.</summary>
    private Dictionary<Timed, double> Times(int rows, Costs costs)
    {
        var timed = new List<(Timed What, TimedModel Model)>();
        try
        {
            foreach (var precision in Enum.GetValues<WeightPrecision>())
                timed.Add((new(precision, null, 0), new(NodeModels.Dense(precision, rows, size.Inputs, outputs))));
            foreach (var format in PackedFormats.All.Where(format => format.IsExecutable))
            {
                var pattern = ZeroPattern.Parse(format.Pattern);
                foreach (var sparsity in pattern.FixedSparsity is { } own ? [own] : size.Sparsities)
                {
                    var weights = PatternWeights.Make(pattern, sparsity, outputs, size.Inputs);
                    var fit = format.Measure(weights);
                    if (fit.Obstacle is null)
                        timed.Add((new(format.Precision, format, sparsity), new(NodeModels.Sparse(format, format.Pack(weights), rows, size.Inputs, outputs))));
                }
            }

            progress($"{timed.Count} kernels, {rows} rows");
            var seconds = InterleavedTiming.Medians([.. timed.Select(entry => entry.Model)], size.Rounds, size.TurnSeconds);
            return timed.Zip(seconds).ToDictionary(entry => entry.First.What, entry => Net(entry.First.What, rows, entry.Second, costs));
        }
        finally
        {
            foreach (var (_, model) in timed)
                model.Dispose();
        }
    }

    private double Net(Timed what, int rows, double seconds, Costs costs)
    {
        var node = what.Format is null ? costs.BuiltIn : costs.Sparse;
        var quantizes = what.Format?.QuantizesActivations ?? what.Precision != WeightPrecision.FullPrecision;
        return Math.Max(seconds * SmallestShare, seconds - costs.Session - node - (quantizes ? rows * size.Inputs * costs.Quantize : 0));
    }

    private DenseRate DenseRate(WeightPrecision precision, Dictionary<Timed, double>[] times)
    {
        var op = precision switch { WeightPrecision.EightBit => "DynamicQuantizeMatMul", WeightPrecision.FourBit => "MatMulNBits", _ => "MatMul" };
        Figure At(int bucket) => new(
            Round(Rate(bucket, times[bucket][new(precision, null, 0)])), $"{OneThread}: ONNX Runtime {op}, {Where(bucket)}");
        return new(At(0), At(1), At(2));
    }

    private SparseRates SparseRate(PackedFormat format, IReadOnlyList<Timed> points, Dictionary<Timed, double>[] times)
    {
        RateCurve At(int bucket)
        {
            // More zeros are never more work: where a later point is slower, the measurement was disturbed.
            var best = 0.0;
            return new([.. points.OrderBy(point => point.Sparsity).Select(point =>
                new RatePoint(point.Sparsity, best = Math.Max(best, Round(Rate(bucket, times[bucket][point])))))], $"{OneThread}: {format.Name}, {Where(bucket)}");
        }

        return new(At(0), At(1), At(2));
    }

    private double Rate(int bucket, double seconds) => (double)Rows[bucket] * size.Inputs * outputs / seconds;

    private string Where(int bucket) =>
        $"{size.Inputs} by {outputs}, " + (Rows[bucket] == 1 ? "weights in the cache" : $"{Rows[bucket]} rows");

    private Costs FixedCosts()
    {
        const int rows = 8, few = 512, many = 8192, channels = 64, side = 32;
        byte[] Empty(int inputs) => NodeModels.Sparse(
            Block8x4Int8.Format, Block8x4Int8.Format.Pack(WeightMatrix.FromSingles(new float[8 * inputs], 8, inputs)), rows, inputs, 8);
        TimedModel[] models =
        [
            new(NodeModels.Chain(ShortChain, ChainElements)),
            new(NodeModels.Chain(size.ChainLength, ChainElements)),
            new(NodeModels.SparseChain(ShortChain, Block8x1Float32.Format, ChainElements)),
            new(NodeModels.SparseChain(size.ChainLength, Block8x1Float32.Format, ChainElements)),
            new(Empty(few)),
            new(Empty(many)),
            new(NodeModels.EmptyConvolution(Block8x1Float32.Format, channels, side)),
        ];
        try
        {
            var times = InterleavedTiming.Medians(models, size.Rounds, size.TurnSeconds);
            double PerStep(int from, int to, double steps) => Math.Max(times[to] / steps * SmallestShare, (times[to] - times[from]) / steps);
            var builtIn = PerStep(0, 1, size.ChainLength - ShortChain);
            var session = Math.Max(0, times[0] - ShortChain * builtIn);
            return new(
                session, builtIn, PerStep(2, 3, size.ChainLength - ShortChain),
                PerStep(4, 5, rows * (many - few)),
                Math.Max(times[6] * SmallestShare, times[6] - session - builtIn) / (2 * channels * side * side));
        }
        finally
        {
            foreach (var model in models)
                model.Dispose();
        }
    }

    private static bool SaturatesInt8()
    {
        const int inputs = 64;
        using var model = new TimedModel(NodeModels.LargestProducts(inputs), fill: 1);
        model.Run();
        return model.Result[0] < 0.9 * 127 * inputs;
    }

    /// <summary>Three digits: more would claim what a measurement does not tell.</summary>
    private static double Round(double value)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(value)) - 2);
        return double.Parse((Math.Round(value / unit) * unit).ToString("G3", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Seconds that do not depend on the weights.</summary>
    private sealed record Costs(double Session, double BuiltIn, double Sparse, double Quantize, double Transpose);

    /// <summary>A kernel that was timed: dense, or sparse at one sparsity.</summary>
    private sealed record Timed(WeightPrecision Precision, PackedFormat? Format, double Sparsity);
}
