using System.Globalization;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>What the signatures of corpus scores share; they are written as sacreBLEU writes them.</summary>
internal static class CorpusSignature
{
    /// <summary>Raised whenever a score of the same texts changes.</summary>
    public const string Version = "prunebuild.1";

    /// <summary>The number of references, or <c>var</c> when cases differ.</summary>
    public static string References(IReadOnlyList<TextPair> cases)
    {
        var counts = cases.Select(input => input.References.Count).Distinct().ToArray();
        return counts.Length == 1 ? counts[0].ToString(CultureInfo.InvariantCulture) : "var";
    }
}
