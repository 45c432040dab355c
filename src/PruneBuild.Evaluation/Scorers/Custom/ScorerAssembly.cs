using System.Security.Cryptography;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>The user's own scorers that a harness names with <c>scorers</c>.</summary>
/// <param name="NamedAt">Where it is named.</param>
/// <param name="Files">The assembly, then the other assemblies beside it.</param>
/// <param name="Scorers">Its scorers.</param>
public sealed record ScorerAssembly(SourceLocation NamedAt, IReadOnlyList<string> Files, IReadOnlyList<ICaseScorer<Generation>> Scorers)
{
    private const string Key = "scorers";

    /// <summary>Hash over the files: with another one, every score of theirs is taken anew.</summary>
    internal string Hash => Convert.ToHexStringLower(SHA256.HashData([.. Files.SelectMany(file => SHA256.HashData(File.ReadAllBytes(file)))]));

    /// <summary>The scorer of a name, or null.</summary>
    internal ICaseScorer<Generation>? Find(string name) => Scorers.FirstOrDefault(scorer => scorer.Name == name);

    /// <summary>Loads the assembly; null when the key is missing.</summary>
    /// <exception cref="PruneBuildException">PB1012 or PB1072 at the value.</exception>
    internal static ScorerAssembly? Parse(JsonSection harness, string folder)
    {
        if (!harness.Has(Key)) return null;
        var (name, at) = (harness.Text(Key), harness.LocationOf(Key));
        var scorers = CustomScorers.Load(folder, name, at);
        var file = CasePath.Resolve(folder, name, at);
        var beside = Directory.EnumerateFiles(Path.GetDirectoryName(file)!, "*.dll").Where(other => other != file).Order(StringComparer.Ordinal);
        return new ScorerAssembly(at, [file, .. beside], scorers);
    }
}
