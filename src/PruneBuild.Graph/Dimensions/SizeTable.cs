namespace PruneBuild.Graph.Dimensions;

/// <summary>
/// Sizes of axes as numbers: a static size is itself, a size that is only known when the model runs is a symbol. Symbols are
/// products of unknowns and a factor, so that equal products are equal numbers and quotients can be taken.
/// </summary>
internal sealed class SizeTable
{
    // Far from every size and from every start or end that a Slice may name.
    private const long FirstSymbol = long.MinValue / 2;
    private const long MostSymbols = 1L << 32;

    private readonly List<(long Factor, int[] Unknowns)> terms = [];
    private readonly Dictionary<string, long> symbols = new(StringComparer.Ordinal);
    private int unknowns;

    /// <summary>Whether a size is known only at run time.</summary>
    public static bool IsSymbol(long size) => size is >= FirstSymbol and < FirstSymbol + MostSymbols;

    /// <summary>A size that nothing else is known to equal.</summary>
    public long Fresh() => Symbol(1, [unknowns++]);

    /// <summary>The product of two sizes.</summary>
    public long Multiply(long left, long right)
    {
        var (a, b) = (Term(left), Term(right));
        return Symbol(a.Factor * b.Factor, [.. a.Unknowns.Concat(b.Unknowns).Order()]);
    }

    /// <summary>The quotient of two sizes, or null when it is not known to be whole.</summary>
    public long? Divide(long product, long divisor)
    {
        var (a, b) = (Term(product), Term(divisor));
        if (b.Factor == 0 || a.Factor % b.Factor != 0)
            return null;
        var left = a.Unknowns.ToList();
        return b.Unknowns.All(left.Remove) ? Symbol(a.Factor / b.Factor, [.. left]) : null;
    }

    /// <summary>The product of several sizes.</summary>
    public long Product(IEnumerable<long> sizes) => sizes.Aggregate(1L, Multiply);

    private (long Factor, int[] Unknowns) Term(long size) => IsSymbol(size) ? terms[(int)(size - FirstSymbol)] : (size, []);

    private long Symbol(long factor, int[] factors)
    {
        if (factors.Length == 0 || factor == 0)
            return factor;
        var key = $"{factor}:{string.Join(',', factors)}";
        if (!symbols.TryGetValue(key, out var symbol))
        {
            symbols[key] = symbol = FirstSymbol + terms.Count;
            terms.Add((factor, factors));
        }
        return symbol;
    }
}
