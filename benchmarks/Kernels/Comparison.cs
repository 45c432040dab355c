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
    private readonly OrtValue[] outputs;
    private readonly string[] outputNames;
    private readonly RunOptions runOptions = new();

    public Comparison(Layer layer)
    {
        this.layer = layer;
        input = OrtValue.CreateTensorValueFromMemory(Layer.Weights(layer.Rows * layer.Inputs), [layer.Rows, layer.Inputs]);
        outputs = [.. Enumerable.Range(0, layer.Copies).Select(_ => OrtValue.CreateTensorValueFromMemory(new float[layer.Rows * layer.Outputs], [layer.Rows, layer.Outputs]))];
        outputNames = [.. Enumerable.Range(0, layer.Copies).Select(i => $"y{i}")];
        Add("ORT float32 MatMul", null, layer.Float32());
        Add("ORT int8 DynamicQuantizeMatMul", null, layer.DynamicInt8());
        Add("ORT int4 MatMulNBits, block 32", null, layer.Int4(32, 4));
        Add("ORT int4 MatMulNBits, block 128", null, layer.Int4(128, 4));
        Add("ORT int4 MatMulNBits, block 32, float", null, layer.Int4(32, 0));
    }

    public void Add(PackedFormat format, double sparsity) => Add(format.Name, sparsity, layer.Sparse(format, sparsity));

    public void Measure(TimeSpan duration, int flushMebibytes)
    {
        // Written once, so that pages are its own; read before each run, so that no dirty line has to leave during it.
        var flush = new byte[flushMebibytes << 20];
        Array.Fill(flush, (byte)1);
        long sum = 0;
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
                sum += Read(flush);
                contender.Microseconds.Add(Run(contender, contender.Repeats));
            }
        }
        while (clock.Elapsed < duration || contenders[0].Microseconds.Count < 9);
        GC.KeepAlive(sum);
    }

    private static long Read(byte[] buffer)
    {
        long sum = 0;
        for (var i = 0; i < buffer.Length; i += 64)
            sum += buffer[i];
        return sum;
    }

    /// <summary>How much faster a format is than ONNX Runtime's best kernel of a precision.</summary>
    public double SpeedUp(string format, double sparsity, string precision) =>
        contenders.Single(contender => contender.Name == format && contender.Sparsity == sparsity).SpeedUp(Rival(precision));

    /// <summary>A table; with a bandwidth also the share of it that each kernel draws.</summary>
    public string ToMarkdown(string command, double? bandwidth)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"K={layer.Inputs} N={layer.Outputs} M={layer.Rows}, {layer.Threads} thread(s), {layer.Copies} layer(s) a session, {contenders[0].Microseconds.Count} interleaved rounds, medians. Above 1 is faster than the column's kernel (median of the rounds' ratios).");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine.Description}; `{command}`");
        text.AppendLine();
        text.AppendLine("| kernel | sparsity | bytes/weight | µs | × float32 | × int8 | × int4 |" + (bandwidth is null ? "" : " GB/s | of the read bandwidth |"));
        text.AppendLine("|---|---|---|---|---|---|---|" + (bandwidth is null ? "" : "---|---|"));
        foreach (var contender in contenders)
        {
            var sparsity = contender.Sparsity is { } value ? $"{value * 100:0.#} %" : "dense";
            var bytes = contender.Bytes / ((double)layer.Inputs * layer.Outputs);
            text.Append(CultureInfo.InvariantCulture, $"| {contender.Name} | {sparsity} | {bytes:0.000} | {contender.Median:0.0} | {contender.SpeedUp(Rival("float32")):0.00} | {contender.SpeedUp(Rival("int8")):0.00} | {contender.SpeedUp(Rival("int4")):0.00} |");
            if (bandwidth is { } limit)
            {
                var rate = contender.Bytes / contender.Median * 1e6;
                text.Append(CultureInfo.InvariantCulture, $" {rate / 1e9:0.0} | {rate / limit * 100:0} % |");
            }

            text.AppendLine();
        }

        return text.ToString();
    }

    public void Dispose()
    {
        foreach (var contender in contenders)
            contender.Session.Dispose();
        input.Dispose();
        foreach (var output in outputs)
            output.Dispose();
        runOptions.Dispose();
    }

    private Contender Rival(string precision) => precision switch
    {
        "float32" => contenders[0],
        "int8" => contenders[1],
        "int4" => contenders[2..5].MinBy(contender => contender.Median)!,
        _ => throw new ArgumentOutOfRangeException(nameof(precision)),
    };

    private void Add(string name, double? sparsity, (byte[] Model, long Bytes) layerModel)
    {
        using var options = ModelSession.CreateOptions(layer.Threads);
        contenders.Add(new(name, sparsity, layerModel.Bytes, new(layerModel.Model, options)));
    }

    private double Run(Contender contender, int repeats)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < repeats; i++)
            contender.Session.Run(runOptions, ["x"], [input], outputNames, outputs);
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / repeats / layer.Copies;
    }

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
