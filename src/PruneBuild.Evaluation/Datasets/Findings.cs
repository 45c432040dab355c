using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>What the checks of a dataset found. Of one kind the first hundred are kept and the rest counted.</summary>
public sealed class Findings
{
    private const int KeptOfOneKind = 100;

    // How much harm they do: what cannot be read, then what makes a score wrong, then what makes it weak.
    private static readonly string[] WorstFirst =
    [
        "PB1061", "PB1062", "PB1010", "PB1030", "PB1035", "PB1013", "PB1012", "PB1031", "PB1033",
        "PB1051", "PB1052", "PB1056", "PB1034", "PB1059", "PB1053",
        "PB1057", "PB1058", "PB1055", "PB1060", "PB1063",
    ];

    private readonly Dictionary<string, List<Diagnostic>> _kept = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Number of findings that are errors.</summary>
    public int Errors { get; private set; }

    /// <summary>Number of findings that are warnings.</summary>
    public int Warnings { get; private set; }

    /// <summary>The findings that were kept, the worst kind first, then by file, line and column.</summary>
    public IReadOnlyList<Diagnostic> Kept =>
    [
        .. _kept.Values.SelectMany(kind => kind)
            .OrderBy(finding => finding.Severity == Severity.Error ? 0 : 1)
            .ThenBy(finding => Array.IndexOf(WorstFirst, finding.Code) is var rank and >= 0 ? rank : WorstFirst.Length)
            .ThenBy(finding => finding.File, StringComparer.Ordinal)
            .ThenBy(finding => finding.Line).ThenBy(finding => finding.Column).ThenBy(finding => finding.Message, StringComparer.Ordinal),
    ];

    /// <summary>How many findings of a code there were beyond those that were kept.</summary>
    public IReadOnlyDictionary<string, int> NotKept =>
        _counts.Where(count => count.Value > KeptOfOneKind).ToDictionary(count => count.Key, count => count.Value - KeptOfOneKind, StringComparer.Ordinal);

    internal void Error(string code, SourceLocation at, params object?[] arguments) => Add(Diagnostic.Create(code, Severity.Error, arguments).At(at.File, at.Line, at.Column));

    internal void Warning(string code, SourceLocation at, params object?[] arguments) => Add(Diagnostic.Create(code, Severity.Warning, arguments).At(at.File, at.Line, at.Column));

    internal void Add(Diagnostic finding)
    {
        if (finding.Severity == Severity.Error) Errors++;
        else Warnings++;
        _counts[finding.Code] = _counts.GetValueOrDefault(finding.Code) + 1;
        if (!_kept.TryGetValue(finding.Code, out var kind)) _kept[finding.Code] = kind = [];
        if (kind.Count < KeptOfOneKind) kind.Add(finding);
    }
}
