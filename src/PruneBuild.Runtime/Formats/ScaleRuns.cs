namespace PruneBuild.Runtime;

/// <summary>
/// Which weights of a matrix share a scale once a format stores them. A run is stored weights of one output, next to each other in the
/// order they are stored in: all of them in the int8 formats, 64 in those of int4. Real weight = level × scale of its run.
/// </summary>
/// <param name="Outputs">Rows.</param>
/// <param name="Inputs">Columns.</param>
/// <param name="Of">[outputs, inputs] run of a weight, counted within its output; <see cref="None"/> for a zero, which stays one.</param>
/// <param name="Counts">[outputs] runs of an output.</param>
/// <param name="Lowest">The lowest level.</param>
/// <param name="Highest">The highest level.</param>
/// <param name="IsTwoLevel">Whether a run's scale is an integer times a float that all runs of the output share; otherwise it is a float of its own, and an output has one run.</param>
public sealed record ScaleRuns(int Outputs, int Inputs, short[] Of, int[] Counts, int Lowest, int Highest, bool IsTwoLevel)
{
    /// <summary>The run of a weight that is zero.</summary>
    public const short None = -1;

    /// <summary>Stored weights of a run at most, where scales have two levels.</summary>
    public const int RunWeights = 64;

    private const int LowestInt4 = -8;
    private const int HighestInt4 = 7;
    private const int HighestInt8 = 127;

    /// <summary>The most runs of an output.</summary>
    public int PerOutput { get; } = Math.Max(1, Counts.Max());

    /// <summary>Those of an int4 format.</summary>
    internal static ScaleRuns Int4(int outputs, int inputs, short[] of, int[] counts) => new(outputs, inputs, of, counts, LowestInt4, HighestInt4, IsTwoLevel: true);

    /// <summary>Those of an int8 format: one an output.</summary>
    public static ScaleRuns OnePerOutput(WeightMatrix weights)
    {
        var of = new short[(long)weights.Outputs * weights.Inputs];
        for (var output = 0; output < weights.Outputs; output++)
            for (var input = 0; input < weights.Inputs; input++)
                of[(output * weights.Inputs) + input] = weights.IsZero(output, input) ? None : (short)0;
        var counts = new int[weights.Outputs];
        Array.Fill(counts, 1);
        return new(weights.Outputs, weights.Inputs, of, counts, -HighestInt8, HighestInt8, IsTwoLevel: false);
    }

    /// <summary>The smallest scales that reach every weight of their run, as a format stores them.</summary>
    /// <param name="weights">[outputs, inputs].</param>
    /// <exception cref="ArgumentException">A weight is NaN or infinite.</exception>
    public RunScales Cover(ReadOnlySpan<float> weights)
    {
        var result = new RunScales(new float[Outputs], new short[Outputs * PerOutput], PerOutput);
        var (low, high) = (new float[PerOutput], new float[PerOutput]);
        for (var output = 0; output < Outputs; output++)
        {
            var row = weights.Slice(output * Inputs, Inputs);
            WeightMatrix.FiniteMagnitude(row);
            Array.Clear(low);
            Array.Clear(high);
            for (var input = 0; input < Inputs; input++)
            {
                if (Of[(output * Inputs) + input] is var run and >= 0)
                    (low[run], high[run]) = (Math.Min(low[run], row[input]), Math.Max(high[run], row[input]));
            }

            Scale(output, low, high, result);
        }

        return result;
    }

    /// <summary>As a matrix of ones where a weight is stored.</summary>
    internal WeightMatrix Stored() => WeightMatrix.FromInt8(Array.ConvertAll(Of, run => (sbyte)(run == None ? 0 : 1)), new float[Outputs], Outputs, Inputs);

    private void Scale(int output, float[] low, float[] high, RunScales scales)
    {
        var runs = Counts[output];
        if (!IsTwoLevel)
        {
            var magnitude = Math.Max(-low[0], high[0]) / Highest;
            scales.Outputs[output] = magnitude == 0 ? 1 : magnitude;
            scales.Integers[output] = 1;
            return;
        }

        var ideal = new float[runs];
        for (var run = 0; run < runs; run++)
            ideal[run] = Int4Scales.OfRun(low[run], high[run], Lowest, Highest);
        var (scale, integers) = Int4Scales.TwoLevel(ideal, (long)Math.Max(runs, 1) * RunWeights);
        scales.Outputs[output] = scale;
        integers.CopyTo(scales.Integers.AsSpan(output * PerOutput));
    }
}

/// <summary>The scales of the runs of a matrix.</summary>
/// <param name="Outputs">[outputs], finite; of any sign.</param>
/// <param name="Integers">[outputs, runs per output] factors of them, of any sign; 1 where scales have one level.</param>
/// <param name="PerOutput">Runs of an output, as in <see cref="ScaleRuns"/>.</param>
public sealed record RunScales(float[] Outputs, short[] Integers, int PerOutput)
{
    /// <summary>The scale of a run.</summary>
    public float Of(int output, int run) => Integers[(output * PerOutput) + run] * Outputs[output];
}
