using System.Text.RegularExpressions;

namespace PruneBuild.Tests.Kernels;

/// <summary>One method as <c>DOTNET_JitDisasm</c> prints it.</summary>
/// <param name="Method">Its header line: class, instantiation, method, tier.</param>
/// <param name="Lines">Its instructions and labels.</param>
internal sealed partial record JitListing(string Method, IReadOnlyList<string> Lines)
{
    /// <summary>The optimized listings of a file.</summary>
    public static IReadOnlyList<JitListing> Parse(string text) =>
    [
        .. text.Split("; Assembly listing for method ").Skip(1)
            .Select(listing => listing.Split('\n'))
            .Where(lines => lines[0].Contains("(FullOpts)", StringComparison.Ordinal) || lines[0].Contains("(Tier1)", StringComparison.Ordinal))
            .Select(lines => new JitListing(lines[0].Trim(), lines[1..])),
    ];

    /// <summary>Whether it works on 256-bit registers.</summary>
    public bool HasVectors => Lines.Any(line => line.Contains(" ymm", StringComparison.Ordinal));

    /// <summary>Lines of innermost loops that move a 256- or 512-bit register to or from the stack.</summary>
    public IEnumerable<string> VectorSpills =>
        from loop in InnermostLoops()
        from line in Lines.Take(loop)
        where Spill.IsMatch(line)
        select line.Trim();

    /// <summary>From a label to the last jump back to it, where no other such stretch lies inside.</summary>
    private IEnumerable<Range> InnermostLoops()
    {
        var labels = new Dictionary<string, int>();
        var loops = new Dictionary<int, int>();
        for (var i = 0; i < Lines.Count; i++)
        {
            if (Label.Match(Lines[i]) is { Success: true } label)
                labels[label.Groups[1].Value] = i;
            else if (Jump.Match(Lines[i]) is { Success: true } jump && labels.TryGetValue(jump.Groups[1].Value, out var start))
                loops[start] = i;
        }

        return loops.Where(loop => !loops.Any(other => other.Key > loop.Key && other.Value <= loop.Value)).Select(loop => loop.Key..loop.Value);
    }

    [GeneratedRegex(@"^(G_M\w+):")]
    private static partial Regex Label { get; }

    [GeneratedRegex(@"^\s+j\w+\s+(?:SHORT\s+)?(G_M\w+)")]
    private static partial Regex Jump { get; }

    [GeneratedRegex(@"[yz]mmword ptr \[r[bs]p")]
    private static partial Regex Spill { get; }
}
