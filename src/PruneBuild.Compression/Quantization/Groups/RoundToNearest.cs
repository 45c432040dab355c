using System.Runtime.Intrinsics;

namespace PruneBuild.Compression.Quantization;

/// <summary>Every weight becomes the nearest level of its group's grid; the grid covers the group.</summary>
public sealed class RoundToNearest : IGroupQuantizer
{
    /// <inheritdoc/>
    public string Name => "rtn";

    /// <inheritdoc/>
    public bool NeedsStatistics => false;

    /// <inheritdoc/>
    public QuantizedMatrix Quantize(GroupProblem problem) => Quantize(problem, (values, format, _) => GroupGrid.Cover(values, format));

    /// <summary>The same with another choice of grids.</summary>
    internal static QuantizedMatrix Quantize(GroupProblem problem, GridChoice choose)
    {
        var (format, inputs) = (problem.Format.Checked(), problem.Inputs);
        var result = QuantizedMatrix.Create(format, problem.Outputs, inputs);
        Parallel.For(0, problem.Outputs, problem.Parallel, output =>
        {
            var start = output * inputs;
            for (var group = 0; group < result.Groups; group++)
            {
                var (first, last) = (start + (group * format.GroupSize), start + Math.Min((group + 1) * format.GroupSize, inputs));
                var values = problem.Weights.Span[first..last];
                var grid = choose(values, format, group);
                result.SetGrid(output, group, grid);
                Round(values, grid, format.HighestLevel, result.Levels.AsSpan(first, last - first));
            }
        });
        return result;
    }

    /// <summary>The nearest level of every value, as <see cref="GroupGrid.Level"/>.</summary>
    internal static void Round(ReadOnlySpan<float> values, GroupGrid grid, int highest, Span<byte> levels)
    {
        var index = 0;
        var (scale, zero, most) = (Vector256.Create(grid.Scale), Vector256.Create(grid.ZeroPoint), Vector256.Create((float)highest));
        for (; index + Vector128<byte>.Count <= values.Length; index += Vector128<byte>.Count)
        {
            var shorts = Vector256.Narrow(Eight(values[index..]), Eight(values[(index + Vector256<float>.Count)..])).AsUInt16();
            Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()).CopyTo(levels[index..]);
        }
        for (; index < values.Length; index++)
            levels[index] = (byte)grid.Level(values[index], highest);

        Vector256<int> Eight(ReadOnlySpan<float> eight) => Vector256.ConvertToInt32(
            Vector256.Min(Vector256.Max(Vector256.Round((Vector256.Create(eight) / scale) + zero), Vector256<float>.Zero), most));
    }
}

/// <summary>Chooses the grid of a group.</summary>
/// <param name="values">The group.</param>
/// <param name="format">How many levels.</param>
/// <param name="group">Which group of its output.</param>
internal delegate GroupGrid GridChoice(ReadOnlySpan<float> values, GroupFormat format, int group);
