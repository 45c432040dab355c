using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>The lock and the ledger beside a harness, and what is no longer as they say.</summary>
/// <param name="Lock">The lock, or null when nobody locked the harness.</param>
/// <param name="Ledger">The ledger.</param>
/// <param name="Diagnostics">Errors PB4201 to PB4204.</param>
internal sealed record LockedHarness(HarnessLock? Lock, Ledger Ledger, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>Reads and checks them; null when there is no harness, or neither file.</summary>
    /// <exception cref="PruneBuildException">PB4204 or PB4205: one of them was changed by hand.</exception>
    public static LockedHarness? Of(WorkContext context)
    {
        if (context.Harness is not { } harness)
            return null;
        var (lockPath, ledgerPath) = (HarnessLock.PathOf(harness.File), Ledger.PathOf(harness.File));
        var (hasLock, hasLedger) = (File.Exists(lockPath), File.Exists(ledgerPath));
        if (!hasLock && !hasLedger)
            return null;
        if (hasLock)
            context.Files.Of(lockPath, "lock");
        if (hasLedger)
            context.Files.Of(ledgerPath, "ledger");
        var (locked, ledger) = (hasLock ? HarnessLock.Load(lockPath) : null, Ledger.Load(ledgerPath));
        string[] hashes = [.. ParentModel.Files(context).Select(file => file.Sha256)];
        return new LockedHarness(locked, ledger, LockCheck.Check(harness, locked, ledger, hashes, file => context.Files.Of(file, "cases").Sha256));
    }
}
