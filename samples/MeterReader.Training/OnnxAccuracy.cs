using MeterReader.Rendering;
using Microsoft.ML.OnnxRuntime;

namespace MeterReader.Training;

/// <summary>Accuracy of the exported file, not of the network in memory: what is committed is what is measured.</summary>
internal static class OnnxAccuracy
{
    public static double Of(string modelFile, RenderedDigits cases)
    {
        using var session = new InferenceSession(modelFile);
        var input = Array.ConvertAll(cases.Images, pixel => (pixel / 255f - 0.5f) / 0.5f);
        using var image = OrtValue.CreateTensorValueFromMemory(input, [cases.Count, 1, DigitRenderer.Height, DigitRenderer.Width]);
        using var run = new RunOptions();
        using var results = session.Run(run, ["image"], [image], ["logits"]);
        var logits = results[0].GetTensorDataAsSpan<float>();

        var right = 0;
        for (var i = 0; i < cases.Count; i++)
        {
            var row = logits.Slice(i * 10, 10);
            var best = 0;
            for (var digit = 1; digit < 10; digit++)
            {
                if (row[digit] > row[best])
                    best = digit;
            }
            if (best == cases.Labels[i])
                right++;
        }
        return (double)right / cases.Count;
    }
}
