using MeterReader.Rendering;
using PruneBuild.Runtime;

namespace MeterReader;

/// <summary>The compressed network, as the build put it beside the app.</summary>
internal sealed class DigitClassifier(EdgeModel model)
{
    private const int Classes = 10;

    /// <summary>Reads all windows of a meter in one batch.</summary>
    public Reading Read(MeterStrip strip)
    {
        var input = new float[strip.Digits * DigitRenderer.Pixels];
        for (var window = 0; window < strip.Digits; window++)
        {
            var pixels = strip.Window(window);
            for (var i = 0; i < pixels.Length; i++)
                input[window * DigitRenderer.Pixels + i] = (pixels[i] / 255f - 0.5f) / 0.5f;
        }

        var logits = model.Run(input, [strip.Digits, 1, DigitRenderer.Height, DigitRenderer.Width]);
        var digits = new char[strip.Digits];
        var confidence = 1.0;
        for (var window = 0; window < strip.Digits; window++)
        {
            var (digit, probability) = Likeliest(logits.AsSpan(window * Classes, Classes));
            digits[window] = (char)('0' + digit);
            confidence = Math.Min(confidence, probability);
        }
        return new Reading(new string(digits), confidence);
    }

    private static (int Digit, double Probability) Likeliest(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var digit = 1; digit < logits.Length; digit++)
        {
            if (logits[digit] > logits[best])
                best = digit;
        }

        var sum = 0.0;
        foreach (var logit in logits)
            sum += Math.Exp(logit - logits[best]);
        return (best, 1 / sum);
    }
}
