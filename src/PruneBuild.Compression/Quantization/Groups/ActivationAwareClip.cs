using System.Numerics.Tensors;
using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Round to nearest on the range at which a group's share of the output moves least (Lin et al. 2024, "AWQ", the search of their
/// implementation): of ten ranges from the full one down to 0.55 of it, the one of least δ S δᵀ, with δ the group's rounding error and
/// S = Σ x xᵀ of its inputs. Queries and keys keep the full range, as there. Meant for weights that <see cref="ActivationAwareScaling"/>
/// has scaled.
/// </summary>
public sealed class ActivationAwareClip : IGroupQuantizer
{
    private const int Steps = 10;
    private const double Step = 0.05;

    /// <inheritdoc/>
    public string Name => "awq";

    /// <inheritdoc/>
    public bool NeedsStatistics => true;

    /// <inheritdoc/>
    public bool ScalesFirst => true;

    /// <inheritdoc/>
    public QuantizedMatrix Quantize(GroupProblem problem)
    {
        var statistics = problem.Statistics ?? throw new ArgumentException("AWQ needs statistics.", nameof(problem));
        if (problem.MakesScores)
            return new RoundToNearest().Quantize(problem);
        var size = problem.Format.GroupSize;
        var moments = Enumerable.Range(0, problem.Format.Groups(problem.Inputs))
            .Select(group => Moment(statistics, group * size, Math.Min(size, problem.Inputs - (group * size)))).ToArray();
        return RoundToNearest.Quantize(problem, (values, format, group) => Best(values, format, moments[group]));
    }

    private static GroupGrid Best(ReadOnlySpan<float> values, GroupFormat format, double[] moment)
    {
        var (best, least) = (GroupGrid.Cover(values, format), double.PositiveInfinity);
        Span<double> errors = stackalloc double[values.Length];
        for (var step = 0; step < Steps; step++)
        {
            var grid = GroupGrid.Cover(values, format, (float)(1 - (step * Step)));
            for (var index = 0; index < values.Length; index++)
                errors[index] = values[index] - (double)grid.Value(grid.Level(values[index], format.HighestLevel));
            var cost = 0.0;
            for (var row = 0; row < errors.Length; row++)
                cost += errors[row] * TensorPrimitives.Dot(errors, moment.AsSpan(row * errors.Length, errors.Length));
            if (cost < least)
                (best, least) = (grid, cost);
        }
        return best;
    }

    /// <summary>The block of Σ x xᵀ that belongs to a group, [count, count].</summary>
    private static double[] Moment(InputStatistics statistics, int first, int count)
    {
        var moment = new double[count * count];
        for (var row = 0; row < count; row++)
            for (var column = 0; column < count; column++)
                moment[(row * count) + column] = statistics.Gram(first + row, first + column);
        return moment;
    }
}
