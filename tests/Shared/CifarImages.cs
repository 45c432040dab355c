namespace PruneBuild.Tests;

/// <summary>CIFAR-10 images as raw bytes [N, 32, 32, 3], as the ResNets trained on them expect them.</summary>
internal static class CifarImages
{
    private const int Pixels = 32 * 32;
    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    /// <summary>Some images, normalized, [count, 3, 32, 32].</summary>
    public static float[] Normalized(byte[] images, int first, int count)
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
