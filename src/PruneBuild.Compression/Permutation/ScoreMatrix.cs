using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Permutation;

/// <summary>
/// What removing each weight would cost, relative to the layer's output: w² / [H⁻¹]_jj, the error that stays once the other weights
/// have made up for it (Optimal Brain Surgeon, Hassibi and Stork 1993), or w² without statistics.
/// </summary>
internal static class ScoreMatrix
{
    private const int MostFactored = 4608;

    /// <summary>[outputs, inputs].</summary>
    public static float[] Of(OnnxModel model, WeightSite site, SiteStatistics? known)
    {
        var matrix = site.ReadMatrix(model);
        var importance = known is { Reason: null } ? Importance(matrix, site, InputStatistics.Merged([known.Fit[0], known.HoldOut[0]])) : null;
        for (var index = 0; index < matrix.Length; index++)
            matrix[index] *= matrix[index] * (float)(importance?[index % site.Inputs] ?? 1);
        var total = matrix.Sum(score => (double)score);
        for (var index = 0; index < matrix.Length && importance is null && total > 0; index++)
            matrix[index] = (float)(matrix[index] / total);
        return matrix;
    }

    /// <summary>Rows of blocks: profiles over the columns of blocks.</summary>
    public static AxisTerm RowTerm(float[] scores, WeightSite site, int[] rows, SparsityPattern pattern, double sparsity)
    {
        var places = (site.Inputs + pattern.UnitColumns - 1) / pattern.UnitColumns;
        var sums = Table((site.Outputs + pattern.UnitRows - 1) / pattern.UnitRows, places);
        var all = Table(site.Outputs, places);
        for (var row = 0; row < site.Outputs; row++)
            for (var column = 0; column < site.Inputs; column++)
                all[row][column / pattern.UnitColumns] += scores[(row * site.Inputs) + column];
        for (var row = 0; row < site.Outputs; row++)
            for (var place = 0; place < places; place++)
                sums[row / pattern.UnitRows][place] += all[row][place];
        return new BlockTerm([.. rows.Select(row => row / pattern.UnitRows)], [.. rows.Select(row => all[row])], sums, sparsity);
    }

    /// <summary>Channels of blocks: profiles over the rows of blocks and the positions of the kernel.</summary>
    public static AxisTerm ColumnTerm(float[] scores, WeightSite site, int[] channels, SparsityPattern pattern, double sparsity)
    {
        var down = (site.Outputs + pattern.UnitRows - 1) / pattern.UnitRows;
        var sums = Table(site.Channels / pattern.UnitColumns, down * site.KernelPositions);
        var all = Table(site.Channels, down * site.KernelPositions);
        for (var row = 0; row < site.Outputs; row++)
        {
            for (var column = 0; column < site.Inputs; column++)
            {
                var (position, channel) = Math.DivRem(column, site.Channels);
                var place = (row / pattern.UnitRows * site.KernelPositions) + position;
                all[channel][place] += scores[(row * site.Inputs) + column];
                sums[channel / pattern.UnitColumns][place] += scores[(row * site.Inputs) + column];
            }
        }
        return new BlockTerm([.. channels.Select(channel => channel / pattern.UnitColumns)], [.. channels.Select(channel => all[channel])], sums, sparsity);
    }

    /// <summary>Windows of channels: profiles over outputs and the positions of the kernel.</summary>
    public static AxisTerm ColumnWindowTerm(float[] scores, WeightSite site, int[] channels, SparsityPattern pattern)
    {
        var places = site.Outputs * site.KernelPositions;
        var members = Table(site.Channels / pattern.Window, places * pattern.Window);
        var all = Table(site.Channels, places);
        for (var row = 0; row < site.Outputs; row++)
        {
            for (var column = 0; column < site.Inputs; column++)
            {
                var (position, channel) = Math.DivRem(column, site.Channels);
                var place = (row * site.KernelPositions) + position;
                all[channel][place] = scores[(row * site.Inputs) + column];
                members[channel / pattern.Window][(place * pattern.Window) + (channel % pattern.Window)] = all[channel][place];
            }
        }
        return new WindowTerm(
            [.. channels.Select(channel => channel / pattern.Window)], [.. channels.Select(channel => channel % pattern.Window)],
            [.. channels.Select(channel => all[channel])], members, pattern.Window, pattern.KeptOf(pattern.Window));
    }

    /// <summary>1 / [H⁻¹]_jj over the layer's output energy, by input; the input's own energy where H is too large or singular.</summary>
    private static double[] Importance(float[] matrix, WeightSite site, InputStatistics statistics)
    {
        var problem = new LayerProblem(matrix, site.Outputs, site.Inputs, new UnstructuredPattern(), 0) { Statistics = statistics, BiasFollows = true };
        var hessian = LayerHessian.Of(problem);
        var energy = LayerHessian.Error(problem, new float[matrix.Length]);
        var scale = energy > 0 ? 1 / energy : 1;
        if (site.Inputs > MostFactored || InverseCholesky.Factor<double>(hessian, site.Inputs, SparseGpt.Damping) is not { } factor)
            return [.. Enumerable.Range(0, site.Inputs).Select(input => hessian[((long)input * site.Inputs) + input] * scale)];
        var inverse = new double[site.Inputs];
        for (var row = 0; row < site.Inputs; row++)
            for (var column = row; column < site.Inputs; column++)
                inverse[column] += factor[((long)row * site.Inputs) + column] * factor[((long)row * site.Inputs) + column];
        return Array.ConvertAll(inverse, value => scale / value);
    }

    private static float[][] Table(int rows, int columns) => [.. Enumerable.Range(0, rows).Select(_ => new float[columns])];
}
