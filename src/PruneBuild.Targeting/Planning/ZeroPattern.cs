using System.Globalization;

namespace PruneBuild.Targeting;

/// <summary>Where the zeros of a weight matrix lie: anywhere, in blocks, or N non-zeros among every M inputs.</summary>
public sealed record ZeroPattern
{
    private readonly char separator;

    private ZeroPattern(string text, int first, char separator, int second) =>
        (Text, First, this.separator, Second) = (text, first, separator, second);

    /// <summary>As recipes write it.</summary>
    public string Text { get; }

    /// <summary>Outputs of a block, or N.</summary>
    internal int First { get; }

    /// <summary>Inputs of a block, or M.</summary>
    internal int Second { get; }

    /// <summary>The sparsity that N:M implies; null where the caller chooses it.</summary>
    public double? FixedSparsity => separator == ':' ? 1 - (double)First / Second : null;

    /// <summary>Reads <c>unstructured</c>, <c>N:M</c> or blocks of outputs × inputs.</summary>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static ZeroPattern Parse(string text)
    {
        if (text == "unstructured")
            return new(text, 1, 'x', 1);
        foreach (var separator in "x:")
        {
            if (text.Split(separator) is [var first, var second] && Side(first) is { } a && Side(second) is { } b)
                return new(text, a, separator, b);
        }

        throw new ArgumentException($"'{text}' is not a pattern.", nameof(text));
    }

    /// <summary>Whether kernels for this pattern skip all zeros that another pattern leaves.</summary>
    public bool SkipsZerosOf(ZeroPattern pruned)
    {
        if (separator == 'x' && pruned.separator == 'x')
            return pruned.First % First == 0 && pruned.Second % Second == 0;
        if (separator == 'x')
            return First == 1 && Second == 1;
        // Of every M inputs at most N are kept when that holds for every part of M.
        return pruned.separator == ':' && Second % pruned.Second == 0 && Second / pruned.Second * pruned.First <= First;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static int? Side(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var side) && side > 0 ? side : null;
}
