namespace PruneBuild.Runtime;

/// <summary>A weight matrix [outputs, inputs], row-major: floats, or int8 with one float scale per output.</summary>
public sealed class WeightMatrix
{
    private WeightMatrix(int outputs, int inputs, long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        if ((long)outputs * inputs != count)
            throw new ArgumentException($"Expected {outputs} x {inputs} weights, got {count}.");
        Outputs = outputs;
        Inputs = inputs;
    }

    /// <summary>Rows.</summary>
    public int Outputs { get; }

    /// <summary>Columns.</summary>
    public int Inputs { get; }

    /// <summary>The weights as float, or null when they are int8.</summary>
    public float[]? Singles { get; private init; }

    /// <summary>The weights as int8, or null when they are float.</summary>
    public sbyte[]? Quantized { get; private init; }

    /// <summary>[outputs] scales of int8 weights: real weight = int8 × scale.</summary>
    public float[]? Scales { get; private init; }

    /// <summary>Float weights. The array is not copied.</summary>
    /// <exception cref="ArgumentException">The length does not fill the shape.</exception>
    public static WeightMatrix FromSingles(float[] weights, int outputs, int inputs) => new(outputs, inputs, weights.Length) { Singles = weights };

    /// <summary>Int8 weights. The arrays are not copied.</summary>
    /// <exception cref="ArgumentException">A length does not fit the shape, or a scale is not finite.</exception>
    public static WeightMatrix FromInt8(sbyte[] weights, float[] scales, int outputs, int inputs)
    {
        if (scales.Length != outputs)
            throw new ArgumentException($"Expected {outputs} scales, got {scales.Length}.", nameof(scales));
        if (!Array.TrueForAll(scales, float.IsFinite))
            throw new ArgumentException("Every scale must be finite.", nameof(scales));
        return new(outputs, inputs, weights.Length) { Quantized = weights, Scales = scales };
    }

    /// <summary>Whether a weight is zero. A NaN is not; a negative zero is.</summary>
    public bool IsZero(int output, int input)
    {
        var at = (long)output * Inputs + input;
        return Quantized is { } quantized ? quantized[at] == 0 : Singles![at] == 0;
    }

    /// <summary>The weights themselves when they are float.</summary>
    /// <exception cref="ArgumentException">They are int8.</exception>
    internal float[] RequireSingles(string format) =>
        Singles ?? throw new ArgumentException($"'{format}' stores float weights; these are int8.");

    /// <summary>Int8 weights with scales: as they are, or rounded to the nearest of 255 symmetric levels per output.</summary>
    /// <exception cref="ArgumentException">A float weight is not finite.</exception>
    internal (sbyte[] Weights, float[] Scales) ToInt8()
    {
        if (Quantized is not null)
            return (Quantized, Scales!);
        var weights = new sbyte[Singles!.Length];
        var scales = new float[Outputs];
        for (var output = 0; output < Outputs; output++)
        {
            var row = Singles.AsSpan(output * Inputs, Inputs);
            var magnitude = FiniteMagnitude(row);
            var scale = magnitude == 0 ? 1 : magnitude / 127;
            scales[output] = scale;
            for (var input = 0; input < row.Length; input++)
                weights[output * Inputs + input] = (sbyte)Math.Clamp(MathF.Round(row[input] / scale), -127, 127);
        }

        return (weights, scales);
    }

    /// <summary>The largest magnitude of finite weights.</summary>
    /// <exception cref="ArgumentException">A weight is NaN or infinite.</exception>
    internal static float FiniteMagnitude(ReadOnlySpan<float> weights)
    {
        var magnitude = 0f;
        foreach (var weight in weights)
        {
            if (!float.IsFinite(weight))
                throw new ArgumentException("A weight that is NaN or infinite cannot be quantized.");
            magnitude = Math.Max(magnitude, Math.Abs(weight));
        }

        return magnitude;
    }
}
