namespace PruneBuild.Compression.Quantization;

/// <summary>A weight in levels.</summary>
/// <param name="Format">Bits and groups.</param>
/// <param name="Outputs">Rows.</param>
/// <param name="Inputs">Columns.</param>
/// <param name="Levels">[outputs, inputs] row-major, 0 to the format's highest.</param>
/// <param name="Scales">[outputs, groups].</param>
/// <param name="ZeroPoints">[outputs, groups], whole unless the method says otherwise.</param>
public sealed record QuantizedMatrix(GroupFormat Format, int Outputs, int Inputs, byte[] Levels, float[] Scales, float[] ZeroPoints)
{
    /// <summary>An empty one to fill.</summary>
    public static QuantizedMatrix Create(GroupFormat format, int outputs, int inputs)
    {
        var groups = outputs * format.Groups(inputs);
        return new QuantizedMatrix(format, outputs, inputs, new byte[(long)outputs * inputs], new float[groups], new float[groups]);
    }

    /// <summary>Why another method was used than the one asked for, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>Groups of an output.</summary>
    public int Groups => Format.Groups(Inputs);

    /// <summary>The grid of a group.</summary>
    public GroupGrid Grid(int output, int group) => new(Scales[(output * Groups) + group], ZeroPoints[(output * Groups) + group]);

    /// <summary>Sets the grid of a group.</summary>
    public void SetGrid(int output, int group, GroupGrid grid) =>
        (Scales[(output * Groups) + group], ZeroPoints[(output * Groups) + group]) = (grid.Scale, grid.ZeroPoint);

    /// <summary>The weights that the levels stand for, [outputs, inputs].</summary>
    public float[] Dequantize()
    {
        var weights = new float[Levels.Length];
        for (var output = 0; output < Outputs; output++)
        {
            for (var input = 0; input < Inputs; input++)
                weights[((long)output * Inputs) + input] = Grid(output, input / Format.GroupSize).Value(Levels[((long)output * Inputs) + input]);
        }
        return weights;
    }
}

/// <summary>How near quantized weights come.</summary>
public static class QuantizationNoise
{
    /// <summary>Σw² / Σ(w − ŵ)² in decibels; null when nothing was lost.</summary>
    public static double? SignalToNoise(ReadOnlySpan<float> weights, ReadOnlySpan<float> quantized)
    {
        var sums = new Sums();
        sums.Add(weights, quantized);
        return sums.Decibels;
    }

    /// <summary>The same of weights that come in parts.</summary>
    internal sealed class Sums
    {
        private double signal;
        private double noise;

        public double? Decibels => noise == 0 ? null : 10 * Math.Log10(signal / noise);

        public void Add(ReadOnlySpan<float> weights, ReadOnlySpan<float> quantized)
        {
            for (var index = 0; index < weights.Length; index++)
            {
                var error = (double)weights[index] - quantized[index];
                signal += (double)weights[index] * weights[index];
                noise += error * error;
            }
        }
    }
}
