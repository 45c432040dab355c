using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Runtime;

namespace PruneBuild.Benchmarks.Models;

/// <summary>Several versions of one model, timed in turn on the same input.</summary>
internal sealed class Race(string title, float[] input, long[] shape, int threads) : IDisposable
{
    private readonly List<Runner> runners = [];

    /// <summary>Adds a model; the first one added is the rival.</summary>
    public void Add(string name, byte[] model, long bytes)
    {
        using var options = ModelSession.CreateOptions(threads);
        Add(name, model, bytes, options);
    }

    /// <summary>Adds a model that ONNX Runtime opens with these options.</summary>
    public void Add(string name, byte[] model, long bytes, SessionOptions options) => runners.Add(new(name, bytes, new InferenceSession(model, options)));

    public void Run(TimeSpan duration)
    {
        using var x = OrtValue.CreateTensorValueFromMemory(input, shape);
        using var options = new RunOptions();
        foreach (var runner in runners)
        {
            for (var i = 0; i < 5; i++)
                runner.Session.Run(options, runner.Session.InputNames, [x], runner.Session.OutputNames).Dispose();
        }

        var clock = Stopwatch.StartNew();
        do
        {
            foreach (var runner in runners)
            {
                var start = Stopwatch.GetTimestamp();
                runner.Session.Run(options, runner.Session.InputNames, [x], runner.Session.OutputNames).Dispose();
                runner.Milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
        while (clock.Elapsed < duration || runners[0].Milliseconds.Count < 9);
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{title}, {threads} thread(s), {runners[0].Milliseconds.Count} interleaved rounds, medians (of the rounds' ratios in the last column).");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"| model | MB | ms | × {runners[0].Name} |");
        text.AppendLine("|---|---|---|---|");
        foreach (var runner in runners)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {runner.Name} | {runner.Bytes / 1e6:0.00} | {Median(runner.Milliseconds):0.00} | {Median(runners[0].Milliseconds.Zip(runner.Milliseconds, (theirs, mine) => theirs / mine)):0.00} |");
        return text.ToString();
    }

    public void Dispose()
    {
        foreach (var runner in runners)
            runner.Session.Dispose();
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private sealed record Runner(string Name, long Bytes, InferenceSession Session)
    {
        public List<double> Milliseconds { get; } = [];
    }
}
