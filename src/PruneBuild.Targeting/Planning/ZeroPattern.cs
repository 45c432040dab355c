using System.Globalization;

namespace PruneBuild.Targeting;

/// <summary>Where the zeros of a weight matrix lie: anywhere, in blocks, or N non-zeros among every M inputs.</summary>
public sealed record ZeroPattern
{
    private readonly int first;
    private readonly int second;
    private readonly char separator;

    private ZeroPattern(string text, int first, char separator, int second) =>
        (Text, this.first, this.separator, this.second) = (text, first, separator, second);

    /// <summary>As recipes write it.</summary>
    public string Text { get; }

    /// <summary>The sparsity that N:M implies; null where the caller chooses it.</summary>
    public double? FixedSparsity => separator == ':' ? 1 - (double)first / second : null;

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
            return pruned.first % first == 0 && pruned.second % second == 0;
        if (separator == 'x')
            return first == 1 && second == 1;
        // Of every M inputs at most N are kept when that holds for every part of M.
        return pruned.separator == ':' && second % pruned.second == 0 && second / pruned.second * pruned.first <= first;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static int? Side(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var side) && side > 0 ? side : null;
}
