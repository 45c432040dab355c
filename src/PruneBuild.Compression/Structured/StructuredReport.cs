using PruneBuild.Compression.Recovery;

namespace PruneBuild.Compression.Structured;

/// <summary>What happened to one class of units.</summary>
/// <param name="Name">The class.</param>
/// <param name="Units">Units before.</param>
/// <param name="Kept">Units that stay, ascending; all when there is a reason.</param>
/// <param name="Reason">Why none was removed, or null.</param>
public sealed record ClassReport(string Name, int Units, IReadOnlyList<int> Kept, string? Reason);

/// <summary>What happened to one layer that reads removed units.</summary>
/// <param name="Name">The layer.</param>
/// <param name="RemovedInputs">Columns of its matrix that went.</param>
/// <param name="ErrorPruned">Root of the output's relative squared error before recovery; null without statistics.</param>
/// <param name="ErrorRecovered">The same after recovery.</param>
/// <param name="Recovery">The method used.</param>
/// <param name="Reason">Why it is not the one asked for, or null.</param>
public sealed record ReaderReport(
    string Name, int RemovedInputs, double? ErrorPruned, double? ErrorRecovered, RecoveryMethod Recovery, string? Reason);

/// <summary>A structured pruning run.</summary>
/// <param name="Classes">One report a class that weights make and read.</param>
/// <param name="Readers">One report a layer with fewer inputs.</param>
/// <param name="Macs">Multiply-accumulates before and after, sizes known only at run time taken as 1.</param>
/// <param name="Bytes">Bytes of all initializers before and after.</param>
public sealed record StructuredReport(
    IReadOnlyList<ClassReport> Classes, IReadOnlyList<ReaderReport> Readers, (long Before, long After) Macs, (long Before, long After) Bytes);
