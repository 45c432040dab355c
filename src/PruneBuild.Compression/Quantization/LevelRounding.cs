using System.Runtime.Intrinsics;
using PruneBuild.Compression.Criteria;

namespace PruneBuild.Compression.Quantization;

/// <summary>The levels of a weight, column by column.</summary>
internal interface ILevelGrid
{
    /// <summary>The lowest level.</summary>
    int Lowest { get; }

    /// <summary>The highest level.</summary>
    int Highest { get; }

    /// <summary>The grids of the weights of an input.</summary>
    /// <param name="input">Column of the weight.</param>
    /// <param name="row">First output.</param>
    /// <param name="scales">Distances of levels, never 0; written.</param>
    /// <param name="zeros">The levels that are 0; written.</param>
    /// <param name="pruned"><see cref="LevelRounding.Pruned"/> is written where a weight has to be 0; others are left as they are.</param>
    void Load(int input, int row, Span<float> scales, Span<float> zeros, Span<int> pruned);

    /// <summary>Takes the levels that were chosen.</summary>
    void Store(int input, int row, ReadOnlySpan<int> levels);
}

/// <summary>Rounds a chunk of a column to its levels.</summary>
internal static class LevelRounding
{
    /// <summary>Marks a weight that is 0 whatever it has been corrected to.</summary>
    public const int Pruned = -1;

    /// <summary>Rounds to the nearest level, halves to even.</summary>
    /// <param name="levels">The grids; receive the levels.</param>
    /// <param name="input">Column of the weight.</param>
    /// <param name="row">First output.</param>
    /// <param name="values">Corrected weights, [<see cref="ColumnMatrix.ChunkRows"/>].</param>
    /// <param name="diagonal">1 / U_cc.</param>
    /// <param name="pruned">[<see cref="ColumnMatrix.ChunkRows"/>] <see cref="Pruned"/> or 0; what the grids prune is added.</param>
    /// <param name="error">(w − ŵ) / U_cc, written.</param>
    public static void Settle(ILevelGrid levels, int input, int row, ReadOnlySpan<float> values, float diagonal, Span<int> pruned, Span<float> error)
    {
        Span<float> scales = stackalloc float[ColumnMatrix.ChunkRows], zeros = stackalloc float[ColumnMatrix.ChunkRows];
        Span<int> chosen = stackalloc int[ColumnMatrix.ChunkRows];
        levels.Load(input, row, scales, zeros, pruned);
        var (least, most, factor) = (Vector256.Create((float)levels.Lowest), Vector256.Create((float)levels.Highest), Vector256.Create(diagonal));
        for (var index = 0; index < values.Length; index += Vector256<float>.Count)
        {
            var (value, scale, zero) = (Vector256.Create(values[index..]), Vector256.Create<float>(scales[index..]), Vector256.Create<float>(zeros[index..]));
            var level = Vector256.Min(Vector256.Max(Vector256.Round((value / scale) + zero), least), most);
            level = Vector256.ConditionalSelect(Vector256.Create<int>(pruned[index..]).AsSingle(), zero, level);
            Vector256.ConvertToInt32(level).CopyTo(chosen[index..]);
            ((value - ((level - zero) * scale)) * factor).CopyTo(error[index..]);
        }
        levels.Store(input, row, chosen);
    }
}

/// <summary>The step of GPTQ: every column is rounded.</summary>
/// <param name="levels">Its grids.</param>
/// <param name="order">The column of the weight that stands at each place.</param>
internal sealed class RoundingStep(ILevelGrid levels, int[] order) : IColumnStep
{
    /// <inheritdoc/>
    public void Begin(int first, int last)
    {
    }

    /// <inheritdoc/>
    public bool Settle(int column, int row, Span<float> values, float diagonal, Span<float> error)
    {
        Span<int> pruned = stackalloc int[ColumnMatrix.ChunkRows];
        pruned.Clear();
        LevelRounding.Settle(levels, order[column], row, values, diagonal, pruned, error);
        return true;
    }
}
