using System.Numerics.Tensors;

namespace PruneBuild.Compression.Quantization;

/// <summary>The evenly spaced values of a group: (level − <see cref="ZeroPoint"/>) × <see cref="Scale"/>.</summary>
/// <param name="Scale">Distance of two levels; negative where the largest magnitude is positive, never 0.</param>
/// <param name="ZeroPoint">The level that is 0: whole where zeros have to stay exactly zero.</param>
public readonly record struct GroupGrid(float Scale, float ZeroPoint)
{
    /// <summary>
    /// Covers a group, 0 included. Symmetric: the value of largest magnitude, whatever its sign, is level 0, for there is one level more
    /// below the middle than above it; the scale has the opposite sign (as ONNX Runtime's own quantizer does). Asymmetric: from the least
    /// to the greatest value.
    /// </summary>
    /// <param name="values">The group, finite.</param>
    /// <param name="format">How many levels.</param>
    /// <param name="shrink">Factor of the range, above 0 and at most 1: what lies beyond is clipped.</param>
    public static GroupGrid Cover(ReadOnlySpan<float> values, GroupFormat format, float shrink = 1)
    {
        if (values.IsEmpty)
            return new GroupGrid(1, format.Middle);
        if (format.IsSymmetric)
            return new GroupGrid(Usable(-TensorPrimitives.MaxMagnitude(values) * shrink / format.Middle), format.Middle);
        var low = Math.Min(0, TensorPrimitives.Min(values)) * shrink;
        var high = Math.Max(0, TensorPrimitives.Max(values)) * shrink;
        var scale = Usable((high - low) / format.HighestLevel);
        return new GroupGrid(scale, Math.Clamp(MathF.Round(-low / scale), 0, format.HighestLevel));
    }

    /// <summary>The nearest level, halves to even.</summary>
    public int Level(float value, int highest) => (int)Math.Clamp(MathF.Round((value / Scale) + ZeroPoint), 0, highest);

    /// <summary>What a level stands for.</summary>
    public float Value(int level) => (level - ZeroPoint) * Scale;

    // A group of zeros, or of numbers so small that their step is no number, is level zero whatever the scale.
    private static float Usable(float scale) => float.IsNormal(scale) ? scale : 1;
}
