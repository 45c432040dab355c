using System.Numerics;
using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Recovery;

/// <summary>
/// Expected squared change of a linear layer's output when W becomes W', from statistics alone:
/// E‖Δx − b‖² = (tr(Δ S Δᵀ) − 2 bᵀ Δ s) / n + ‖b‖², with Δ = W − W', S = Σ x xᵀ, s = Σ x and b the bias that was added.
/// </summary>
public static class OutputError
{
    private const int BandRows = 32;

    /// <summary>sqrt(E‖error‖² / E‖W x‖²).</summary>
    /// <param name="dense">W, [rows, K].</param>
    /// <param name="edited">W', [rows, K].</param>
    /// <param name="bias">b, [rows]; empty for none.</param>
    /// <param name="statistics">Of the input, K features.</param>
    /// <param name="threads">Most threads to use; the result is the same for any.</param>
    /// <returns>0 when W x is always zero and nothing changed; infinity when it is always zero and something did.</returns>
    public static double Relative(
        ReadOnlyMemory<float> dense, ReadOnlyMemory<float> edited, ReadOnlySpan<double> bias, InputStatistics statistics, int threads = 1)
    {
        var (error, energy) = Measure(dense, edited, bias, statistics, threads);
        return Ratio(error, energy);
    }

    /// <summary>The root of an error relative to an energy.</summary>
    internal static double Ratio(double error, double energy) =>
        error <= 0 ? 0 : energy <= 0 ? double.PositiveInfinity : Math.Sqrt(error / energy);

    /// <summary>The two sums over the rows: n E‖error‖² and n E‖W x‖².</summary>
    internal static (double Error, double Energy) Measure(
        ReadOnlyMemory<float> dense, ReadOnlyMemory<float> edited, ReadOnlySpan<double> bias, InputStatistics statistics, int threads)
    {
        var inputs = statistics.Inputs;
        if (dense.Length != edited.Length || dense.Length % inputs != 0)
            throw new ArgumentException("The weights do not fit the statistics.", nameof(edited));
        var error = Trace(dense, edited, statistics, threads);
        if (!bias.IsEmpty)
        {
            var shift = BiasRecovery.Fit(dense.Span, edited.Span, statistics.Sum);
            for (var row = 0; row < bias.Length; row++)
                error += (statistics.Count * bias[row] * bias[row]) - (2 * bias[row] * shift[row]);
        }
        return (error, Trace(dense, ReadOnlyMemory<float>.Empty, statistics, threads));
    }

    /// <summary>tr((W − W') S (W − W')ᵀ): n E‖(W − W') x‖².</summary>
    /// <param name="dense">W, [rows, K].</param>
    /// <param name="edited">W', [rows, K].</param>
    /// <param name="statistics">Of the input, K features.</param>
    /// <param name="threads">Most threads to use; the result is the same for any.</param>
    internal static double Squared(ReadOnlyMemory<float> dense, ReadOnlyMemory<float> edited, InputStatistics statistics, int threads) =>
        Trace(dense, edited, statistics, threads);

    /// <summary>tr((A − B) S (A − B)ᵀ). Bands of rows are summed apart and then in order, whatever thread had which.</summary>
    private static double Trace(ReadOnlyMemory<float> first, ReadOnlyMemory<float> second, InputStatistics statistics, int threads)
    {
        var rows = first.Length / statistics.Inputs;
        var parts = new double[(rows + BandRows - 1) / BandRows];
        Parallel.For(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads) }, part =>
        {
            var start = part * BandRows * statistics.Inputs;
            var length = Math.Min(BandRows * statistics.Inputs, first.Length - start);
            var difference = new double[length];
            for (var index = 0; index < length; index++)
                difference[index] = first.Span[start + index];
            for (var index = 0; index < length && !second.IsEmpty; index++)
                difference[index] -= second.Span[start + index];
            parts[part] = TraceOfBand(difference, statistics);
        });
        return parts.Sum();
    }

    private static double TraceOfBand(double[] band, InputStatistics statistics)
    {
        var inputs = statistics.Inputs;
        var total = 0.0;
        for (var input = 0; input < inputs; input++)
        {
            var gram = statistics.UpperGram.Slice((input * inputs) + input, inputs - input);
            for (var row = 0; row < band.Length; row += inputs)
            {
                var weights = band.AsSpan(row + input, inputs - input);
                if (weights[0] != 0)
                    total += weights[0] * ((2 * Dot(weights, gram)) - (weights[0] * gram[0]));
            }
        }
        return total;
    }

    private static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var sum = Vector<double>.Zero;
        var index = 0;
        for (; index <= left.Length - Vector<double>.Count; index += Vector<double>.Count)
            sum += new Vector<double>(left[index..]) * new Vector<double>(right[index..]);
        var total = Vector.Sum(sum);
        for (; index < left.Length; index++)
            total += left[index] * right[index];
        return total;
    }
}
