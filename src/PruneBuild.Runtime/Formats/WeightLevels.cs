namespace PruneBuild.Runtime;

/// <summary>Weights that are quantized already, however their levels were chosen: a format packs them without rounding again.</summary>
/// <param name="Runs">From <see cref="PackedFormat.Runs"/> of the format that packs them.</param>
/// <param name="Levels">[outputs, inputs]; 0 where a weight is in no run. A stored weight may have level 0 too.</param>
/// <param name="Scales">Of the runs.</param>
public sealed record WeightLevels(ScaleRuns Runs, sbyte[] Levels, RunScales Scales)
{
    /// <summary>The largest magnitude of the integers of two-level scales.</summary>
    private const int LargestInteger = Int4Scales.LargestInteger;

    /// <summary>Every weight at the nearest level of its run, halves to even; scales just cover.</summary>
    /// <param name="weights">[outputs, inputs].</param>
    /// <param name="runs">Who shares a scale.</param>
    /// <exception cref="ArgumentException">A weight is NaN or infinite.</exception>
    public static WeightLevels Nearest(ReadOnlySpan<float> weights, ScaleRuns runs)
    {
        var scales = runs.Cover(weights);
        var levels = new sbyte[weights.Length];
        for (var output = 0; output < runs.Outputs; output++)
        {
            for (var at = output * runs.Inputs; at < (output + 1) * runs.Inputs; at++)
            {
                var scale = runs.Of[at] == ScaleRuns.None ? 0 : scales.Of(output, runs.Of[at]);
                levels[at] = scale == 0 ? (sbyte)0 : (sbyte)Math.Clamp(MathF.Round(weights[at] / scale), runs.Lowest, runs.Highest);
            }
        }

        return new(runs, levels, scales);
    }

    /// <summary>What the levels stand for, [outputs, inputs]: the same bits as unpacking gives.</summary>
    public float[] ToSingles()
    {
        var weights = new float[Levels.Length];
        for (var at = 0; at < weights.Length; at++)
        {
            var output = at / Runs.Inputs;
            weights[at] = Levels[at] == 0 ? 0 : (Levels[at] * Scales.Integers[(output * Scales.PerOutput) + Runs.Of[at]]) * Scales.Outputs[output];
        }

        return weights;
    }

    /// <summary>Checks what a packer relies on.</summary>
    /// <exception cref="ArgumentException">A length, a level or a scale does not fit.</exception>
    internal WeightLevels Checked(bool isTwoLevel)
    {
        var (outputs, inputs) = (Runs.Outputs, Runs.Inputs);
        if (Runs.IsTwoLevel != isTwoLevel)
            throw new ArgumentException("The levels are those of another format.");
        if (Levels.Length != (long)outputs * inputs || Runs.Of.Length != Levels.Length || Runs.Counts.Length != outputs
            || Scales.PerOutput != Runs.PerOutput || Scales.Outputs.Length != outputs || Scales.Integers.Length != (long)outputs * Runs.PerOutput)
            throw new ArgumentException($"Levels, runs and scales do not fit {outputs} x {inputs}.");
        if (!Array.TrueForAll(Scales.Outputs, float.IsFinite))
            throw new ArgumentException("Every scale must be finite.");
        for (var output = 0; output < outputs; output++)
        {
            long sum = 0;
            for (var at = output * inputs; at < (output + 1) * inputs; at++)
            {
                var run = Runs.Of[at];
                if (run < ScaleRuns.None || run >= Runs.Counts[output] || Levels[at] < Runs.Lowest || Levels[at] > Runs.Highest || (run == ScaleRuns.None && Levels[at] != 0))
                    throw new ArgumentException($"Output {output} has a level or a run out of range at input {at - (output * inputs)}.");
                var integer = run == ScaleRuns.None ? 0 : Scales.Integers[(output * Scales.PerOutput) + run];
                if (Math.Abs((int)integer) > LargestInteger)
                    throw new ArgumentException($"Output {output} has a scale of {integer}, more than {LargestInteger}.");
                sum += Math.Abs(Levels[at] * integer);
            }

            if (isTwoLevel && sum > Int4Scales.LargestSum)
                throw new ArgumentException($"The sums of output {output} could overflow 32 bits.");
        }

        return this;
    }
}
