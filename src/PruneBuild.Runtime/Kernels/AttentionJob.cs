namespace PruneBuild.Runtime;

/// <summary>
/// What one run of attention over a key-value cache reads and writes. Heads that share keys and values (grouped-query attention,
/// Ainslie et al. 2023) follow each other. All lengths are in floats unless said otherwise.
/// </summary>
internal unsafe struct AttentionJob
{
    /// <summary>Sequences.</summary>
    public int Batch;

    /// <summary>New positions of each sequence.</summary>
    public int Sequence;

    /// <summary>Query heads.</summary>
    public int Heads;

    /// <summary>Heads of keys and values; a divisor of <see cref="Heads"/>.</summary>
    public int KeyValueHeads;

    /// <summary>Features of a head, a multiple of four.</summary>
    public int HeadSize;

    /// <summary>What a product of query and key is multiplied by.</summary>
    public float Scale;

    /// <summary>c in c·tanh(score / c); 0 for none.</summary>
    public float Softcap;

    /// <summary>Positions a query sees, its own included; 0 for all before it.</summary>
    public int Window;

    /// <summary>[batch, sequence] rows of <see cref="QueryStride"/>, heads one after the other.</summary>
    public float* Query;
    public nint QueryStride;

    /// <summary>[batch, sequence] rows of new keys and of new values.</summary>
    public float* Key;
    public float* Value;
    public nint KeyStride;

    /// <summary>[batch, key-value heads, <see cref="PastRows"/>, head size], or null.</summary>
    public float* PastKey;
    public float* PastValue;
    public int PastRows;

    /// <summary>[batch, key-value heads, <see cref="Capacity"/>, head size]; may be the memory of the past.</summary>
    public float* PresentKey;
    public float* PresentValue;
    public int Capacity;

    /// <summary>[positions, <see cref="RotaryPairs"/>] of the rotation (Su et al. 2021), halves paired; null for none.</summary>
    public float* Cosines;
    public float* Sines;
    public int RotaryPairs;

    /// <summary>[batch] positions of each sequence, new ones included, minus one.</summary>
    public int* Lengths;

    /// <summary>Whether the new positions are the first, and those beyond a sequence's length padding.</summary>
    public bool IsFirst;

    /// <summary>[batch, sequence, heads, head size].</summary>
    public float* Output;

    /// <summary>Query heads that share a key-value head.</summary>
    public readonly int Group => Heads / KeyValueHeads;

    /// <summary>Rows of queries that meet the keys of a key-value head.</summary>
    public readonly int Rows => Sequence * Group;

    /// <summary>Positions that are cached before the new ones.</summary>
    public readonly int Cached(int batch) => IsFirst ? 0 : Lengths[batch] + 1 - Sequence;
}
