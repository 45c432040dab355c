using System.Diagnostics;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Benchmarks.Pruning;
using PruneBuild.Compression.Quantization;
using PruneBuild.Graph;
using PruneBuild.Runtime;
using PruneBuild.Targeting;
using PruneBuild.Tests;

namespace PruneBuild.Benchmarks.Quantization;

/// <summary>One way to quantize an image classifier.</summary>
internal sealed record CifarVariant(string Method, int Bits = 8, bool BiasCorrection = true, bool PerTensor = false, bool IsSymmetric = false)
{
    /// <summary>A name for files.</summary>
    public string Name => $"{Method}-w{Bits}{(BiasCorrection ? "-corrected" : "")}{(PerTensor ? "-per-tensor" : "")}{(IsSymmetric ? "-symmetric" : "")}";
}

/// <summary>Quantizes a CIFAR-10 network statically, lowers it as a build does, and counts right answers.</summary>
internal sealed class CifarQuantization(string model, string folder, int calibrationImages, int threads)
{
    private const int BatchSize = 100;

    private static readonly Device Target = DeviceCatalogue.Find("linux-x64", "linux-x64-avx-vnni");

    /// <summary>The model as an artifact holds it, in a file.</summary>
    /// <returns>Seconds to calibrate and quantize, and what the lowered model consists of.</returns>
    public (double Seconds, string Nodes) Write(CifarVariant variant, string path)
    {
        using var quantized = OnnxModel.Load(model);
        var clock = Stopwatch.StartNew();
        BatchNormFolding.Fold(quantized);
        var options = new StaticQuantizeOptions
        {
            Weights = new QuantizeOptions { Bits = variant.Bits, PerTensor = variant.PerTensor },
            Method = RangeMethods.Get(variant.Method),
            Ranges = new RangeOptions(variant.IsSymmetric),
            BiasCorrection = variant.BiasCorrection,
            Threads = threads,
        };
        var data = new Cifar(folder);
        OnnxModel? ready = null;
        new StaticQuantizer(quantized, model, options, () => data.Calibration(quantized, calibrationImages, BatchSize)).Quantize(floats => ready = floats.Snapshot());
        using var lowered = ready!;
        ModelLowering.Lower(lowered, Target, new LoweringOptions { BatchSize = BatchSize, StaticQuantized = quantized });
        lowered.Save(path);
        return (clock.Elapsed.TotalSeconds, string.Join(", ", lowered.Graph.Node.CountBy(node => node.OpType).Select(count => $"{count.Value} {count.Key}")));
    }

    /// <summary>The answers of a model file to the first images of a split, and the right ones.</summary>
    public static (byte[] Answers, byte[] Labels) Answers(string path, string folder, string split, int images, int threads)
    {
        var pixels = File.ReadAllBytes(Path.Combine(folder, split + ".images.u8"));
        var labels = File.ReadAllBytes(Path.Combine(folder, split + ".labels.u8"));
        labels = labels[..Math.Min(images, labels.Length)];
        using var session = ModelSession.Open(path, threads);
        using var run = new RunOptions();
        var answers = new byte[labels.Length];
        for (var first = 0; first < labels.Length; first += BatchSize)
        {
            var count = Math.Min(BatchSize, labels.Length - first);
            using var input = OrtValue.CreateTensorValueFromMemory(CifarImages.Normalized(pixels, first, count), [count, 3, 32, 32]);
            using var results = session.Run(run, session.InputNames, [input], session.OutputNames);
            var logits = results[0].GetTensorDataAsSpan<float>();
            for (var image = 0; image < count; image++)
                answers[first + image] = (byte)TensorPrimitives.IndexOfMax(logits.Slice(image * (logits.Length / count), logits.Length / count));
        }
        return (answers, labels);
    }

    /// <summary>Percent of places at which two lists are equal.</summary>
    public static double Equal(byte[] left, byte[] right) => 100.0 * left.Zip(right).Count(pair => pair.First == pair.Second) / left.Length;
}
