using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;

namespace PruneBuild.Benchmarks.Pruning;

/// <summary>CIFAR-10 images as raw bytes [N, 32, 32, 3] with one byte a label, normalized as the ResNets expect.</summary>
internal sealed class Cifar(string folder)
{
    private const int Pixels = 32 * 32;
    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    /// <summary>Batches of the calibration split.</summary>
    public IEnumerable<CalibrationBatch> Calibration(OnnxModel model, int images, int batch)
    {
        var pixels = File.ReadAllBytes(Path.Combine(folder, "calibration.images.u8"));
        for (var first = 0; first < images; first += batch)
        {
            var count = Math.Min(batch, images - first);
            yield return new CalibrationBatch(new Dictionary<string, CalibrationTensor>
            {
                [model.Graph.Input[0].Name] = new(Normalized(pixels, first, count), [count, 3, 32, 32]),
            });
        }
    }

    /// <summary>Top-1 accuracy on a split, in percent.</summary>
    public double Accuracy(OnnxModel model, string split, int threads)
    {
        var path = Path.GetTempFileName();
        try
        {
            model.Save(path);
            using var options = new SessionOptions { IntraOpNumThreads = threads };
            using var session = new InferenceSession(path, options);
            var pixels = File.ReadAllBytes(Path.Combine(folder, split + ".images.u8"));
            var labels = File.ReadAllBytes(Path.Combine(folder, split + ".labels.u8"));
            var right = 0;
            for (var first = 0; first < labels.Length; first += 100)
            {
                using var input = OrtValue.CreateTensorValueFromMemory(Normalized(pixels, first, 100), [100, 3, 32, 32]);
                using var run = new RunOptions();
                using var results = session.Run(run, new Dictionary<string, OrtValue> { [session.InputNames[0]] = input }, session.OutputNames);
                var logits = results[0].GetTensorDataAsSpan<float>();
                for (var image = 0; image < 100; image++)
                    right += TensorPrimitives.IndexOfMax(logits.Slice(image * 10, 10)) == labels[first + image] ? 1 : 0;
            }
            return 100.0 * right / labels.Length;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static float[] Normalized(byte[] images, int first, int count)
    {
        var values = new float[count * 3 * Pixels];
        for (var image = 0; image < count; image++)
            for (var channel = 0; channel < 3; channel++)
                for (var pixel = 0; pixel < Pixels; pixel++)
                    values[(((image * 3) + channel) * Pixels) + pixel] =
                        ((images[((((first + image) * Pixels) + pixel) * 3) + channel] / 255f) - Mean[channel]) / Deviation[channel];
        return values;
    }
}
