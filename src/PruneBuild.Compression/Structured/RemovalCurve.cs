using System.Runtime.CompilerServices;
using PruneBuild.Compression.Natives;
using PruneBuild.Compression.Training;
using TorchSharp;

namespace PruneBuild.Compression.Structured;

/// <summary>
/// What a reader of units loses when only the most important of them stay and the kept weights are fitted to the dense output. With
/// the inputs in order of importance and Σ + λI = L Lᵀ, the squared error left after keeping the first k columns is the squared norm of
/// the other columns of W L, so one factorization gives the whole curve (the Schur complement of least squares).
/// </summary>
internal static class RemovalCurve
{
    /// <summary>The squared output error relative to the output's variance.</summary>
    /// <param name="reader">The layer; its inputs outside the class count as kept.</param>
    /// <param name="order">Units, the most important first.</param>
    /// <param name="ridge">λ as a fraction of the covariance's mean diagonal.</param>
    /// <returns>[units + 1]: the error when the first so many units of the order stay; the last is 0.</returns>
    public static double[] Of(UnitSite reader, IReadOnlyList<int> order, double ridge)
    {
        var inputs = reader.Site.Inputs;
        var isMember = new bool[inputs];
        foreach (var column in reader.Lines.SelectMany(columns => columns))
            isMember[column] = true;
        int[] columns = [.. Enumerable.Range(0, inputs).Where(column => !isMember[column]), .. order.SelectMany(unit => reader.Lines[unit])];
        var losses = reader.Statistics is { } known && known.Count > 0 ? Losses(reader, columns, known.Covariance(), ridge) : Energies(reader, columns);

        var errors = new double[order.Count + 1];
        var position = inputs;
        for (var kept = order.Count - 1; kept >= 0; kept--)
        {
            errors[kept] = errors[kept + 1];
            for (var line = 0; line < reader.Lines[order[kept]].Count; line++)
                errors[kept] += losses[--position];
        }
        var total = losses.Sum();
        return total > 0 ? Array.ConvertAll(errors, error => error / total) : new double[errors.Length];
    }

    /// <summary>Without statistics: the squared norms of the columns, as if the inputs were white.</summary>
    private static double[] Energies(UnitSite reader, int[] columns)
    {
        var (inputs, rows) = (reader.Site.Inputs, reader.Matrix.Length / reader.Site.Inputs);
        return Array.ConvertAll(columns, column =>
        {
            double sum = 0;
            for (var row = 0; row < rows; row++)
                sum += (double)reader.Matrix[((long)row * inputs) + column] * reader.Matrix[((long)row * inputs) + column];
            return sum;
        });
    }

    private static double[] Losses(UnitSite reader, int[] columns, double[] covariance, double ridge)
    {
        TorchNatives.Load();
        return Factored(reader, columns, covariance, ridge);
    }

    // Apart, so that nothing of torch is touched before its libraries are loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double[] Factored(UnitSite reader, int[] columns, double[] covariance, double ridge)
    {
        using var single = new SingleTorchThread();
        using var quiet = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var inputs = columns.Length;
        var order = torch.tensor(columns, dtype: torch.int64);
        var sigma = torch.tensor(covariance, [inputs, inputs]).index_select(0, order).index_select(1, order);
        var mean = sigma.diagonal().mean().item<double>();
        using Scalar damping = Math.Max(ridge, 1e-9) * (mean > 0 ? mean : 1);
        sigma.diagonal().add_(damping, Scalars.OfInteger(1));
        var weights = torch.tensor(reader.Matrix, [reader.Matrix.Length / inputs, inputs], torch.float64).index_select(1, order);
        var (lower, info) = torch.linalg.cholesky_ex(sigma);
        return info.item<int>() == 0 ? weights.matmul(lower).square().sum([0L]).data<double>().ToArray() : Energies(reader, columns);
    }
}
