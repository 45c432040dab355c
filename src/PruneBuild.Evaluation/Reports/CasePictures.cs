namespace PruneBuild.Evaluation.Reports;

/// <summary>Small pictures of the inputs behind flips, where a case is an image of bytes with one or three channels.</summary>
public static class CasePictures
{
    private const int LongestSide = 96;

    /// <summary>The flips with pictures, in their order, until either limit is reached.</summary>
    /// <param name="flips">The flips.</param>
    /// <param name="harness">What an input looks like.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="mostPictures">How many get a picture.</param>
    /// <param name="mostBytes">Bytes of all data URIs together.</param>
    public static IReadOnlyList<CaseFlip> AddTo(IReadOnlyList<CaseFlip> flips, Harness harness, CaseSet cases, int mostPictures, int mostBytes)
    {
        ArgumentNullException.ThrowIfNull(flips);
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        if (!harness.HasTensors) return flips;
        var pictures = Draw(harness.Input, cases, flips.Take(mostPictures).Select(flip => flip.Index).ToHashSet());
        var (shown, bytes) = (new List<CaseFlip>(flips.Count), 0);
        foreach (var flip in flips)
        {
            var picture = pictures.GetValueOrDefault(flip.Index);
            bytes += picture?.Length ?? 0;
            shown.Add(bytes <= mostBytes ? flip with { Picture = picture } : flip);
        }
        return shown;
    }

    private static Dictionary<int, string> Draw(InputSpec spec, CaseSet cases, HashSet<int> wanted)
    {
        var pictures = new Dictionary<int, string>();
        if (spec.ElementType != ElementType.U8 || spec.Layout == TensorLayout.None || wanted.Count == 0) return pictures;
        var (height, width, channels) = spec.Layout == TensorLayout.Nhwc
            ? (spec.Shape[0], spec.Shape[1], spec.Shape[2])
            : (spec.Shape[1], spec.Shape[2], spec.Shape[0]);
        if (channels is not (1 or 3)) return pictures;

        // What 0 and 255 become says how to turn any number back into its byte.
        var (black, white) = (new float[spec.ElementsPerCase], new float[spec.ElementsPerCase]);
        spec.Normalize(black.ToArray(), black);
        Array.Fill(white, 255f);
        spec.Normalize(white.ToArray(), white);
        if (black.AsSpan().SequenceEqual(white)) return pictures;
        var last = wanted.Max();
        foreach (var batch in cases.Batches().TakeWhile(batch => batch.Input.First <= last))
        {
            for (var i = 0; i < batch.Input.Count; i++)
            {
                var index = batch.Input.First + i;
                if (!wanted.Contains(index)) continue;
                var values = batch.Input.Data.AsSpan(i * spec.ElementsPerCase, spec.ElementsPerCase);
                var bytes = new double[values.Length];
                for (var j = 0; j < bytes.Length; j++)
                    bytes[j] = Math.Clamp((values[j] - black[j]) / (double)(white[j] - black[j]) * 255, 0, 255);
                pictures[index] = "data:image/png;base64," + Convert.ToBase64String(Shrink(bytes, height, width, channels));
            }
        }
        return pictures;
    }

    /// <summary>Averages squares of pixels, channel by channel, so that the longer side has at most <see cref="LongestSide"/>.</summary>
    private static byte[] Shrink(double[] planes, int height, int width, int channels)
    {
        var factor = (Math.Max(height, width) + LongestSide - 1) / LongestSide;
        var (rows, columns) = (Math.Max(1, height / factor), Math.Max(1, width / factor));
        var pixels = new byte[rows * columns * channels];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                for (var channel = 0; channel < channels; channel++)
                {
                    var (sum, count) = (0.0, 0);
                    for (var y = row * factor; y < Math.Min(height, (row + 1) * factor); y++)
                        for (var x = column * factor; x < Math.Min(width, (column + 1) * factor); x++, count++)
                            sum += planes[(channel * height + y) * width + x];
                    pixels[(row * columns + column) * channels + channel] = (byte)Math.Round(sum / count);
                }
        return PngImage.Encode(columns, rows, channels, pixels);
    }
}
