using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Criteria;

/// <summary>The Hessian of a layer's squared output error.</summary>
internal static class LayerHessian
{
    /// <summary>
    /// E[x xᵀ], or the inputs' covariance where a bias takes up the mean; [K, K], FP64. An input that calibration never excited counts
    /// as one of average energy: its weights are not worthless because the data is short of rare cases.
    /// </summary>
    /// <exception cref="ArgumentException">There are no statistics, or they are of another number of inputs.</exception>
    public static double[] Of(LayerProblem problem) => Of(
        problem.Statistics ?? throw new ArgumentException("The criterion needs statistics.", nameof(problem)), problem.Inputs, problem.BiasFollows);

    /// <summary>The same from its parts.</summary>
    /// <exception cref="ArgumentException">The statistics are of another number of inputs.</exception>
    public static double[] Of(InputStatistics statistics, int inputs, bool biasFollows)
    {
        if (statistics.Inputs != inputs)
            throw new ArgumentException($"Statistics of {statistics.Inputs} features for {inputs} inputs.", nameof(statistics));
        var values = biasFollows ? statistics.Covariance() : statistics.SecondMoment();
        var mean = Enumerable.Range(0, inputs).Average(input => values[((long)input * inputs) + input]);
        for (var input = 0; input < inputs; input++)
            if (statistics.Gram(input, input) == 0)
                values[((long)input * inputs) + input] = mean > 0 ? mean : 1;
        return values;
    }

    /// <summary>tr((W − W') H (W − W')ᵀ) without what <see cref="Of"/> assumes of silent inputs.</summary>
    public static double Error(LayerProblem problem, float[] edited)
    {
        var statistics = problem.Statistics ?? throw new ArgumentException("The error needs statistics.", nameof(problem));
        double[] bias = problem.BiasFollows ? BiasRecovery.Fit(problem.Weights.Span, edited, statistics.Mean()) : [];
        return OutputError.Measure(problem.Weights, edited, bias, statistics, problem.Threads).Error / Math.Max(1, statistics.Count);
    }
}
