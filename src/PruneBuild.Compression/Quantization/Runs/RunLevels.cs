using PruneBuild.Compression.Criteria;
using PruneBuild.Runtime;

namespace PruneBuild.Compression.Quantization;

/// <summary>The levels of the runs of a packed format. A weight in no run stays zero.</summary>
/// <param name="runs">Who shares a scale.</param>
/// <param name="scales">The scales.</param>
internal sealed class RunLevels(ScaleRuns runs, RunScales scales) : ILevelGrid
{
    private readonly sbyte[] levels = new sbyte[runs.Of.LongLength];

    /// <summary>What was chosen.</summary>
    public WeightLevels Levels => new(runs, levels, scales);

    /// <inheritdoc/>
    public int Lowest => runs.Lowest;

    /// <inheritdoc/>
    public int Highest => runs.Highest;

    /// <inheritdoc/>
    public void Load(int input, int row, Span<float> scales, Span<float> zeros, Span<int> pruned)
    {
        scales.Fill(1);
        zeros.Clear();
        for (var index = 0; index < Math.Min(scales.Length, runs.Outputs - row); index++)
        {
            var run = runs.Of[((row + index) * runs.Inputs) + input];
            var scale = run == ScaleRuns.None ? 0 : Scale(row + index, run);
            // A run of numbers too small for a scale is zero as well.
            if (scale == 0)
                pruned[index] = LevelRounding.Pruned;
            else
                scales[index] = scale;
        }
    }

    /// <inheritdoc/>
    public void Store(int input, int row, ReadOnlySpan<int> levels)
    {
        for (var index = 0; index < Math.Min(levels.Length, runs.Outputs - row); index++)
            this.levels[((row + index) * runs.Inputs) + input] = (sbyte)levels[index];
    }

    private float Scale(int output, int run) => scales.Of(output, run);
}
