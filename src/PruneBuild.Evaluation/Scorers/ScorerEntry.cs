using System.Globalization;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>One line of <see cref="ScorerRegistry"/>.</summary>
internal sealed class ScorerEntry
{
    private const string Placeholder = "k";
    private const int MostK = 1_000_000;

    private readonly IScorer? _scorer;
    private readonly int _smallest;
    private readonly Func<int, IScorer>? _create;

    /// <summary>A scorer of a fixed name.</summary>
    public ScorerEntry(string name, IScorer scorer) => (Name, _scorer) = (name, scorer);

    /// <summary>A family of scorers with a number in place of the <c>k</c> at the end of the name.</summary>
    public ScorerEntry(string name, int smallest, Func<int, IScorer> create) => (Name, _smallest, _create) = (name, smallest, create);

    /// <summary>The name in the registry.</summary>
    public string Name { get; }

    /// <summary>The scorer, when the name is this entry's.</summary>
    public IScorer? Create(string name)
    {
        if (_create is null) return name == Name ? _scorer : null;
        var prefix = Name[..^Placeholder.Length];
        if (!name.StartsWith(prefix, StringComparison.Ordinal)) return null;
        var digits = name[prefix.Length..];
        // One way to write a number, so that one scorer has one name.
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var k)
            && k >= _smallest && k <= MostK && k.ToString(CultureInfo.InvariantCulture) == digits
            ? _create(k)
            : null;
    }
}
