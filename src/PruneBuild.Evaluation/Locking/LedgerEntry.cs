namespace PruneBuild.Evaluation;

/// <summary>What an entry of the ledger records.</summary>
public enum LedgerKind
{
    /// <summary>The harness was locked.</summary>
    Lock,

    /// <summary>A floor was made looser than it was locked.</summary>
    Relax,

    /// <summary>A floor may be missed for a time.</summary>
    Waive,
}

/// <summary>One line of the ledger.</summary>
/// <param name="Date">Day of the entry, as 2026-12-31.</param>
/// <param name="Harness">File name of the harness.</param>
/// <param name="Kind">What happened.</param>
public sealed record LedgerEntry(string Date, string Harness, LedgerKind Kind)
{
    /// <summary>Relax and Waive: name of the floor.</summary>
    public string? Floor { get; init; }

    /// <summary>Relax and Waive: why.</summary>
    public string? Reason { get; init; }

    /// <summary>Relax: the floor as it may be from now on; null when it may go.</summary>
    public LockedFloor? Approved { get; init; }

    /// <summary>Waive: last day of the waiver.</summary>
    public string? Until { get; init; }

    /// <summary>Lock: seal of the lock.</summary>
    public string? Lock { get; init; }

    /// <summary>Lock: the floors, so that a deleted lock forgets nothing.</summary>
    public IReadOnlyList<LockedFloor>? Floors { get; init; }

    /// <summary>Hash of the entry before; 64 zeros for the first.</summary>
    public string Previous { get; init; } = "";

    /// <summary>Hash of this entry without this field.</summary>
    public string Hash { get; init; } = "";
}
