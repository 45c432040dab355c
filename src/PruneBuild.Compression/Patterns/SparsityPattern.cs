using System.Globalization;
using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Patterns;

/// <summary>
/// Which weights of a matrix [outputs, inputs] may be zero together. A pattern turns importance scores into a keep mask with
/// exact counts: ties are broken by index, the lower index is kept.
/// </summary>
public abstract record SparsityPattern
{
    private const string Known = "use 'unstructured', N:M such as '2:4', or a block of outputs x inputs such as '8x4'";
    private const int LargestSide = 1024;

    /// <summary>The fraction of zeros that the pattern itself fixes (N:M), or null when the caller chooses it.</summary>
    public virtual double? ImpliedSparsity => null;

    /// <summary>Outputs that are zero together.</summary>
    public virtual int UnitRows => 1;

    /// <summary>Neighbouring inputs that are zero together.</summary>
    public virtual int UnitColumns => 1;

    /// <summary>Neighbouring inputs among which every output keeps a fixed number, <see cref="KeptOf"/>; 0 where the pattern has none.</summary>
    public virtual int Window => 0;

    /// <summary>Whether every output loses the same number of weights.</summary>
    public virtual bool FixedPerOutput => false;

    /// <summary>How many of a window's inputs stay; the last window may be short.</summary>
    /// <exception cref="NotSupportedException">The pattern has no windows.</exception>
    public virtual int KeptOf(int length) => throw new NotSupportedException($"{this} has no windows.");

    /// <summary>Reads <c>unstructured</c>, <c>N:M</c> (keep N of every M inputs) or <c>AxB</c> (blocks of A outputs x B inputs).</summary>
    /// <param name="text">The pattern.</param>
    /// <param name="group">Among which weights an unstructured pattern compares scores; other patterns ignore it.</param>
    /// <exception cref="PruneBuildException">PB1012: not a pattern.</exception>
    public static SparsityPattern Parse(string text, ComparisonGroup group = ComparisonGroup.Layer)
    {
        if (text == "unstructured")
            return new UnstructuredPattern(group);
        if (Pair(text, ':') is var (kept, of) && kept <= of)
            return new NOfMPattern(kept, of);
        if (Pair(text, 'x') is var (outputs, inputs))
            return new BlockPattern(outputs, inputs);
        throw new PruneBuildException("PB1012", text, "pattern", Known);
    }

    /// <summary>Whether a matrix is large enough to hold one whole unit of the pattern.</summary>
    public virtual bool Fits(int outputs, int inputs) => outputs > 0 && inputs > 0;

    /// <summary>Chooses what to keep.</summary>
    /// <param name="scores">Importance, [outputs, inputs] row-major, no NaN; the lowest go.</param>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns.</param>
    /// <param name="sparsity">Fraction of units to zero, 0 to 1; N:M ignores it.</param>
    /// <returns>True where a weight stays, [outputs, inputs].</returns>
    /// <exception cref="PruneBuildException">PB1014: the sparsity is outside 0 to 1.</exception>
    public bool[] Select(ReadOnlySpan<float> scores, int outputs, int inputs, double sparsity)
    {
        CheckSparsity(sparsity);
        if (scores.Length != (long)outputs * inputs)
            throw new ArgumentException($"{scores.Length} scores for {outputs} x {inputs} weights.", nameof(scores));
        return Keep(scores, outputs, inputs, sparsity);
    }

    /// <exception cref="PruneBuildException">PB1014: the sparsity is outside 0 to 1.</exception>
    internal static void CheckSparsity(double sparsity)
    {
        if (!(sparsity is >= 0 and <= 1))
            throw new PruneBuildException("PB1014", sparsity);
    }

    /// <summary>The mask, once the arguments are known to be right.</summary>
    private protected abstract bool[] Keep(ReadOnlySpan<float> scores, int outputs, int inputs, double sparsity);

    /// <summary>How many of <paramref name="count"/> units a sparsity removes.</summary>
    internal static int Removed(int count, double sparsity) => (int)Math.Round(count * sparsity, MidpointRounding.ToEven);

    private static (int First, int Second)? Pair(string text, char separator) =>
        text.Split(separator) is [var first, var second] && Side(first) is { } a && Side(second) is { } b ? (a, b) : null;

    private static int? Side(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var side) && side is >= 1 and <= LargestSide ? side : null;
}
