namespace PruneBuild.Compression.Depth;

/// <summary>How to search for the blocks to remove.</summary>
public sealed record BlockSearchOptions
{
    /// <summary>How many blocks to remove at most.</summary>
    public required int Count { get; init; }

    /// <summary>What a removal may cost as little as possible of.</summary>
    public ModelLoss Loss { get; init; } = new();

    /// <summary>Only so many blocks are tried: those of the least <see cref="BlockInfluence"/> in the dense model, ties by order. All by default.</summary>
    public int? Candidates { get; init; }

    /// <summary>Threads of ONNX Runtime.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Folder for hidden states on disk; they are removed afterwards, also on failure. The system's temporary folder by default.</summary>
    public string ScratchFolder { get; init; } = Path.GetTempPath();
}

/// <summary>A block that was taken out, and the loss without it and those before.</summary>
/// <param name="Output">The block's output value.</param>
/// <param name="Loss">Loss of the model without it.</param>
public sealed record RemovedBlock(string Output, double Loss);

/// <summary>What a search found.</summary>
/// <param name="Removed">The blocks to remove, in order.</param>
/// <param name="DenseLoss">Loss of the model as it was.</param>
/// <param name="NodesRun">Nodes that ran in all, each counted once a batch.</param>
public sealed record BlockSearchReport(IReadOnlyList<RemovedBlock> Removed, double DenseLoss, long NodesRun);
