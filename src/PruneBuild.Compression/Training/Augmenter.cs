using PruneBuild.Compression.Calibration;

namespace PruneBuild.Compression.Training;

/// <summary>How one case is changed.</summary>
/// <param name="Flip">Mirrored left to right.</param>
/// <param name="Down">Pixels down.</param>
/// <param name="Right">Pixels right, after the mirror.</param>
internal readonly record struct ImageChange(bool Flip, int Down, int Right);

/// <summary>Draws and applies <see cref="ImageAugmentation"/>.</summary>
internal static class Augmenter
{
    /// <summary>The next change.</summary>
    public static ImageChange Draw(ImageAugmentation augmentation, Random random) => new(
        random.Next(2) == 1 && augmentation.HorizontalFlip,
        random.Next(-augmentation.Shift, augmentation.Shift + 1), random.Next(-augmentation.Shift, augmentation.Shift + 1));

    /// <summary>The images changed, one change a case; other than float [N, C, H, W] comes back as it is.</summary>
    public static CalibrationTensor Apply(CalibrationTensor images, ReadOnlySpan<ImageChange> changes)
    {
        if (images.Data is not float[] source || images.Shape is not [_, var channels, var height, var width])
            return images;
        var changed = new float[source.Length];
        var (rows, columns) = ((int)height, (int)width);
        var plane = rows * columns;
        for (var index = 0; index < changes.Length * (int)channels; index++)
        {
            var (flip, down, right) = changes[index / (int)channels];
            for (var row = Math.Max(0, down); row < Math.Min(rows, rows + down); row++)
            {
                var (from, to) = ((index * plane) + ((row - down) * columns), (index * plane) + (row * columns));
                for (var column = Math.Max(0, right); column < Math.Min(columns, columns + right); column++)
                    changed[to + column] = source[from + (flip ? columns - 1 - (column - right) : column - right)];
            }
        }
        return images with { Data = changed };
    }
}
