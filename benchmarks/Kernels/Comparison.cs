using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Runtime;

namespace PruneBuild.Benchmarks.Kernels;

/// <summary>All kernels of one layer in one process, timed in turn, so that whatever else the machine does falls on all alike.</summary>
internal sealed class Comparison : IDisposable
{
    private const double MinimumMicroseconds = 500;

    private readonly Layer layer;
    private readonly List<Contender> contenders = [];
    private readonly OrtValue input;
    private readonly OrtValue output;
    private readonly RunOptions runOptions = new();

    public Comparison(Layer layer, double[] sparsities)
    {
        this.layer = layer;
        input = OrtValue.CreateTensorValueFromMemory(Layer.Weights(layer.Rows * layer.Inputs), [layer.Rows, layer.Inputs]);
        output = OrtValue.CreateTensorValueFromMemory(new float[layer.Rows * layer.Outputs], [layer.Rows, layer.Outputs]);
        Add("ORT float32 MatMul", null, layer.Float32());
        Add("ORT int8 DynamicQuantizeMatMul", null, layer.DynamicInt8());
        Add("ORT int4 MatMulNBits, block 32", null, layer.Int4(32));
        Add("ORT int4 MatMulNBits, block 128", null, layer.Int4(128));
        foreach (var sparsity in sparsities)
        {
            Add(Block8x4Int8.Name, sparsity, layer.Block8x4Int8At(sparsity));
            Add(Block8x1Float32.Name, sparsity, layer.Block8x1Float32At(sparsity));
        }
    }

    public void Measure(TimeSpan duration, int flushMebibytes)
    {
        var flush = new byte[flushMebibytes << 20];
        foreach (var contender in contenders)
        {
            for (var i = 0; i < 20; i++)
                Run(contender, 1);
            contender.Repeats = flushMebibytes > 0 ? 1 : (int)Math.Clamp(MinimumMicroseconds / Run(contender, 10), 1, 1000);
        }

        var clock = Stopwatch.StartNew();
        do
        {
            foreach (var contender in contenders)
            {
                for (var i = 0; i < flush.Length; i += 64)
                    flush[i]++;
                contender.Microseconds.Add(Run(contender, contender.Repeats));
            }
        }
        while (clock.Elapsed < duration);
    }

    public string ToMarkdown(string command)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"K={layer.Inputs} N={layer.Outputs} M={layer.Rows}, {layer.Threads} thread(s), {contenders[0].Microseconds.Count} interleaved rounds, medians. Above 1 is faster than the column's kernel (median of the rounds' ratios).");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"CPU: {CpuName()}; tier {KernelRegistry.DisplayName(KernelRegistry.SelectTier())}; .NET {Environment.Version}; ONNX Runtime {OrtEnv.Instance().GetVersionString()}; `{command}`");
        text.AppendLine();
        text.AppendLine("| kernel | sparsity | bytes/weight | µs | × float32 | × int8 | × int4 |");
        text.AppendLine("|---|---|---|---|---|---|---|");
        var int4 = contenders[2].Median <= contenders[3].Median ? contenders[2] : contenders[3];
        foreach (var contender in contenders)
        {
            var sparsity = contender.Sparsity is { } value ? $"{value * 100:0.#} %" : "dense";
            var bytes = contender.Bytes / ((double)layer.Inputs * layer.Outputs);
            text.AppendLine(CultureInfo.InvariantCulture, $"| {contender.Name} | {sparsity} | {bytes:0.000} | {contender.Median:0.0} | {contender.SpeedUp(contenders[0]):0.00} | {contender.SpeedUp(contenders[1]):0.00} | {contender.SpeedUp(int4):0.00} |");
        }

        return text.ToString();
    }

    public void Dispose()
    {
        foreach (var contender in contenders)
            contender.Session.Dispose();
        input.Dispose();
        output.Dispose();
        runOptions.Dispose();
    }

    private void Add(string name, double? sparsity, (byte[] Model, long Bytes) layerModel)
    {
        using var options = ModelSession.CreateOptions(layer.Threads);
        contenders.Add(new(name, sparsity, layerModel.Bytes, new(layerModel.Model, options)));
    }

    private double Run(Contender contender, int repeats)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < repeats; i++)
            contender.Session.Run(runOptions, ["x"], [input], ["y"], [output]);
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / repeats;
    }

    private static string CpuName() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown"
        : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";

    private sealed record Contender(string Name, double? Sparsity, long Bytes, InferenceSession Session)
    {
        public int Repeats { get; set; } = 1;

        public List<double> Microseconds { get; } = [];

        public double Median => MedianOf(Microseconds);

        public double SpeedUp(Contender other) => MedianOf(other.Microseconds.Zip(Microseconds, (theirs, mine) => theirs / mine));

        private static double MedianOf(IEnumerable<double> values)
        {
            var sorted = values.Order().ToArray();
            return sorted[sorted.Length / 2];
        }
    }
}
