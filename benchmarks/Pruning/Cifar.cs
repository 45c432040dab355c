using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;
using PruneBuild.Tests;

namespace PruneBuild.Benchmarks.Pruning;

/// <summary>CIFAR-10 images as raw bytes [N, 32, 32, 3] with one byte a label, normalized as the ResNets expect.</summary>
internal sealed class Cifar(string folder)
{
    /// <summary>Batches of the calibration split.</summary>
    public IEnumerable<CalibrationBatch> Calibration(OnnxModel model, int images, int batch)
    {
        var pixels = File.ReadAllBytes(Path.Combine(folder, "calibration.images.u8"));
        for (var first = 0; first < images; first += batch)
        {
            var count = Math.Min(batch, images - first);
            yield return new CalibrationBatch(new Dictionary<string, CalibrationTensor>
            {
                [model.Graph.Input[0].Name] = new(CifarImages.Normalized(pixels, first, count), [count, 3, 32, 32]),
            });
        }
    }

    /// <summary>Top-1 accuracy on a split, in percent.</summary>
    public double Accuracy(OnnxModel model, string split, int threads)
    {
        using var judged = new JudgedModel(model, threads);
        var pixels = File.ReadAllBytes(Path.Combine(folder, split + ".images.u8"));
        var labels = File.ReadAllBytes(Path.Combine(folder, split + ".labels.u8"));
        var right = 0;
        for (var first = 0; first < labels.Length; first += 100)
        {
            using var input = OrtValue.CreateTensorValueFromMemory(CifarImages.Normalized(pixels, first, 100), [100, 3, 32, 32]);
            var logits = judged.Run(input);
            for (var image = 0; image < 100; image++)
                right += TensorPrimitives.IndexOfMax(logits.AsSpan(image * 10, 10)) == labels[first + image] ? 1 : 0;
        }
        return 100.0 * right / labels.Length;
    }
}
