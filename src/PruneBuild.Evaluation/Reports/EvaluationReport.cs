using PruneBuild.Diagnostics;
using PruneBuild.Runtime;

namespace PruneBuild.Evaluation.Reports;

/// <summary>
/// Everything the outputs of the gate are written from. Nothing in it depends on the clock or, <see cref="SourceRoot"/> and the files of
/// <see cref="Diagnostics"/> aside, on the machine; those two only turn into relative paths.
/// </summary>
public sealed record EvaluationReport
{
    /// <summary>Name of the artifact.</summary>
    public required string Name { get; init; }

    /// <summary>What the gate decided.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>What the build says about it, worst first.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>Absolute folder that file names in the outputs are relative to: the repository's root, else the project's folder.</summary>
    public string SourceRoot { get; init; } = "";

    /// <summary>Version of the package.</summary>
    public string Tool { get; init; } = "";

    /// <summary>The device of the catalogue.</summary>
    public string Device { get; init; } = "";

    /// <summary>Content key of the candidate: a hash over everything it was made from.</summary>
    public string CandidateKey { get; init; } = "";

    /// <summary>Some of the cases that parent and candidate answer differently.</summary>
    public IReadOnlyList<CaseFlip> Flips { get; init; } = [];

    /// <summary>Some of the cases for which parent and candidate write different texts.</summary>
    public IReadOnlyList<TextFlip> TextFlips { get; init; } = [];

    /// <summary>Bytes of parent and artifact.</summary>
    public ArtifactSizes? Sizes { get; init; }

    /// <summary>What became of each layer, and why.</summary>
    public IReadOnlyList<ArtifactLayer> Layers { get; init; } = [];

    /// <summary>What compression did beyond single layers.</summary>
    public ArtifactEdits? Edits { get; init; }

    /// <summary>How far the numbers drifted from the dense parent's; null unless measured.</summary>
    public ArtifactDrift? Drift { get; init; }

    /// <summary>The options of the recipe.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>What everything was made from.</summary>
    public IReadOnlyList<ArtifactInput> Inputs { get; init; } = [];

    /// <summary>What pruning and recovery did to the output of each layer.</summary>
    public IReadOnlyList<LayerDamage> Damage { get; init; } = [];

    /// <summary>Earlier decisions, newest first.</summary>
    public IReadOnlyList<HistoryEntry> History { get; init; } = [];

    /// <summary>Whether no error keeps the candidate from shipping.</summary>
    public bool MayShip => Diagnostics.All(diagnostic => diagnostic.Severity != Severity.Error);

    /// <summary>Cases that lost or won or changed their answer, all of them.</summary>
    internal int AllFlips => Verdict.Overall.ChangedAnswers;

    /// <summary>The floors with what the build makes of each, in the harness's order.</summary>
    internal IReadOnlyList<FloorRow> Floors => FloorRow.Of(Verdict, Diagnostics);

    /// <summary>A file's path below <see cref="SourceRoot"/> with '/', or its bare name when it lies elsewhere.</summary>
    internal string Relative(string file)
    {
        if (SourceRoot.Length == 0 || file.Length == 0) return Path.GetFileName(file);
        var relative = Path.GetRelativePath(SourceRoot, file).Replace('\\', '/');
        return relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? Path.GetFileName(file) : relative;
    }
}

/// <summary>What pruning and recovery did to the output of one layer.</summary>
/// <param name="Name">The layer.</param>
/// <param name="Pattern">Sparsity pattern, or <c>dense</c>.</param>
/// <param name="Sparsity">Fraction of zeros.</param>
/// <param name="Pruned">Relative output error after pruning, when measured.</param>
/// <param name="Recovered">The same after recovery.</param>
/// <param name="Recovery">How it was recovered.</param>
public sealed record LayerDamage(string Name, string Pattern, double Sparsity, double? Pruned, double? Recovered, string Recovery);
