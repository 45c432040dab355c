using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Recovery;

namespace PruneBuild.Compression.Criteria;

/// <summary>
/// Removes one unit after another, each time the one that costs least given all that went before, with all remaining weights of
/// its outputs corrected (Frantar, Singh and Alistarh 2022, "Optimal Brain Compression"). Which units of which outputs go is then
/// decided over the whole layer by what each step adds to the error. The time grows with K³ for each set of outputs that shares a
/// mask, so above <see cref="MostOperations"/> the layer is left to <see cref="SparseGpt"/> and the reason recorded.
/// </summary>
public sealed class OptimalBrainCompression : IPruningCriterion
{
    /// <summary>Multiply-adds that a layer may take: some minutes on two cores.</summary>
    public const double MostOperations = 1e12;

    /// <inheritdoc/>
    public string Name => "obc";

    /// <inheritdoc/>
    public bool NeedsStatistics => true;

    /// <inheritdoc/>
    public PrunedLayer Prune(LayerProblem problem)
    {
        if (Other(problem) is { } other)
            return new SparseGpt().Prune(problem) with { Reason = other };
        var hessian = LayerHessian.Of(problem);
        if (Traces(problem, hessian) is not { } traces)
            return UnfactoredHessian.Prune(problem, hessian);
        var keep = Mask(problem, traces);
        return new PrunedLayer(Correct(problem, keep, hessian), keep);
    }

    /// <inheritdoc/>
    public double[] Errors(LayerProblem problem, IReadOnlyList<double> sparsities)
    {
        if (Other(problem) is not null)
            return ((IPruningCriterion)new SparseGpt()).Errors(problem, sparsities);
        var hessian = LayerHessian.Of(problem);
        // One run of eliminations holds all sparsities.
        return Traces(problem, hessian) is not { } traces
            ? ((IPruningCriterion)new Wanda()).Errors(problem, sparsities)
            : [.. sparsities.Select(sparsity => LayerHessian.Error(problem, Correct(problem, Mask(problem with { Sparsity = sparsity }, traces), hessian)))];
    }

    /// <summary>Why SparseGPT has to do it, or null.</summary>
    private static string? Other(LayerProblem problem)
    {
        if (problem.Pattern is UnstructuredPattern { Group: ComparisonGroup.Input })
            return "obc compares the weights of an output or a layer: sparsegpt was used";
        var sets = (problem.Outputs + problem.Pattern.UnitRows - 1) / problem.Pattern.UnitRows;
        return sets * Math.Pow(problem.Inputs, 3) / 2 > MostOperations ? "the layer is too large for obc: sparsegpt was used" : null;
    }

    /// <summary>The eliminations of every set of outputs that shares a mask; null when the Hessian has no inverse.</summary>
    private static (int[] Order, double[] Costs)[]? Traces(LayerProblem problem, double[] hessian)
    {
        if (InverseCholesky.Factor<double>(hessian, problem.Inputs, SparseGpt.Damping) is not { } factor)
            return null;
        var inverse = Square(factor, problem.Inputs, problem.Threads);
        var traces = new (int[], double[])[(problem.Outputs + problem.Pattern.UnitRows - 1) / problem.Pattern.UnitRows];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, problem.Threads), CancellationToken = problem.Cancellation };
        Parallel.For(0, traces.Length, parallel, set => traces[set] = Trace(problem, inverse, set));
        return traces;
    }

    private static (int[], double[]) Trace(LayerProblem problem, double[] inverse, int set)
    {
        var pattern = problem.Pattern;
        var first = set * pattern.UnitRows;
        var rows = Math.Min(pattern.UnitRows, problem.Outputs - first);
        var weights = new double[rows * problem.Inputs];
        for (var index = 0; index < weights.Length; index++)
            weights[index] = problem.Weights.Span[(first * problem.Inputs) + index];
        int Allowed(int window)
        {
            var length = Math.Min(pattern.Window, problem.Inputs - (window * pattern.Window));
            return length - pattern.KeptOf(length);
        }
        return new BlockElimination([.. inverse], weights, problem.Inputs, pattern.UnitColumns).Run(pattern.Window, Allowed, problem.Cancellation);
    }

    /// <summary>Takes steps from the traces, always the cheapest next one; of equal ones that of the later outputs.</summary>
    private static bool[] Mask(LayerProblem problem, (int[] Order, double[] Costs)[] traces)
    {
        var pattern = problem.Pattern;
        var keep = new bool[problem.Weights.Length];
        Array.Fill(keep, true);
        var total = traces.Sum(trace => trace.Order.Length);
        var removed = pattern.Window > 0 ? total : SparsityPattern.Removed(total, problem.Sparsity);
        // Where every output loses the same number, each set's own count bounds it.
        var each = pattern is { FixedPerOutput: true, Window: 0 } ? SparsityPattern.Removed(total / traces.Length, problem.Sparsity) : int.MaxValue;
        removed = Math.Min(removed, (int)Math.Min(int.MaxValue, (long)each * traces.Length));
        var next = new PriorityQueue<(int Set, int Step), (double, int)>();
        for (var set = 0; set < traces.Length; set++)
            if (traces[set].Order.Length > 0 && each > 0)
                next.Enqueue((set, 0), (traces[set].Costs[0], -set));
        for (; removed > 0 && next.TryDequeue(out var step, out _); removed--)
        {
            var (order, costs) = traces[step.Set];
            var column = order[step.Step] * pattern.UnitColumns;
            var width = Math.Min(pattern.UnitColumns, problem.Inputs - column);
            for (var row = step.Set * pattern.UnitRows; row < Math.Min((step.Set + 1) * pattern.UnitRows, problem.Outputs); row++)
                keep.AsSpan((row * problem.Inputs) + column, width).Clear();
            if (step.Step + 1 < Math.Min(order.Length, each))
                next.Enqueue((step.Set, step.Step + 1), (costs[step.Step + 1], -step.Set));
        }
        return keep;
    }

    /// <summary>The remaining weights at the optimum, which the eliminations reach as well, but with less rounding.</summary>
    private static float[] Correct(LayerProblem problem, bool[] keep, double[] hessian) =>
        LeastSquaresRecovery.Fit(problem.Weights.Span, keep, hessian, problem.Inputs, SparseGpt.Damping, problem.Threads, problem.Cancellation)
        ?? PrunedLayer.Masked(problem.Weights.Span, keep).Weights;

    /// <summary>Uᵀ U, full and symmetric.</summary>
    private static double[] Square(double[] factor, int inputs, int threads)
    {
        var product = new double[factor.Length];
        Parallel.For(0, inputs, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads) }, row =>
        {
            var target = product.AsSpan(row * inputs, inputs);
            for (var step = 0; step <= row; step++)
            {
                var scale = factor[((long)step * inputs) + row];
                for (var column = step; column < inputs; column++)
                    target[column] += scale * factor[((long)step * inputs) + column];
            }
        });
        return product;
    }
}
