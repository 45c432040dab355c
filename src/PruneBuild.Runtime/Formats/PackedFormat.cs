namespace PruneBuild.Runtime;

/// <summary>Precision of stored weights.</summary>
public enum WeightPrecision
{
    /// <summary>32-bit floats.</summary>
    FullPrecision,

    /// <summary>8-bit integers with a float scale per output.</summary>
    EightBit,

    /// <summary>4-bit integers with an integer scale per run of stored weights and a float scale per output.</summary>
    FourBit,
}

/// <summary>
/// A packed sparse weight format: its packer, its unpacker, its layout and what its kernels may rely on, in one file per format.
/// Stored bytes are the execution format, the same on every CPU; only kernels differ.
/// </summary>
/// <param name="name">The name in node attributes and manifests, for example <c>block8x4.int8</c>.</param>
/// <param name="id">The number in the header of a packed blob; never reused.</param>
public abstract class PackedFormat(string name, int id)
{
    /// <summary>The name in node attributes and manifests, for example <c>block8x4.int8</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The number in the header of a packed blob.</summary>
    public int Id { get; } = id;

    /// <summary>The sparsity pattern whose zeros it skips, as recipes write it: <c>8x4</c>, <c>2:4</c>, <c>unstructured</c>.</summary>
    public abstract string Pattern { get; }

    /// <summary>Precision of the stored weights.</summary>
    public abstract WeightPrecision Precision { get; }

    /// <summary>Whether its kernels quantize activations per row to 7 bits (<see cref="ActivationQuantizer"/>); else they take floats.</summary>
    public abstract bool QuantizesActivations { get; }

    /// <summary>Outputs that kernels compute together.</summary>
    public virtual int OutputsPerGroup => 8;

    /// <summary>Consecutive inputs that one stored unit reads; a convolution's channels must be a multiple of it.</summary>
    public abstract int InputsPerUnit { get; }

    /// <summary>The largest number of inputs that its indexes reach.</summary>
    public abstract int MaxInputs { get; }

    /// <summary>Whether kernels exist for it. A transport format is converted before it runs.</summary>
    public virtual bool IsExecutable => true;

    /// <summary>What this format would skip in these weights.</summary>
    /// <param name="weights">The matrix.</param>
    public abstract PatternFit Measure(WeightMatrix weights);

    /// <summary>Bytes of a packed matrix of that shape at a sparsity of the pattern, exact for <see cref="PatternFit.Counts"/> of real weights.</summary>
    public long PackedBytes(int outputs, int inputs, PackedCounts counts) => PackedLayout.Of(this, outputs, inputs, counts).TotalBytes;

    /// <summary>The counts to expect of a matrix whose pattern is sparse to that degree, evenly.</summary>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns.</param>
    /// <param name="sparsity">Fraction of the pattern's units that are zero, 0 to 1.</param>
    public abstract PackedCounts ExpectedCounts(int outputs, int inputs, double sparsity);

    /// <summary>Packs weights into the bytes the kernels read, quantizing them first when they are float and the format is not.</summary>
    /// <param name="weights">The matrix; outputs need not be a multiple of the group, nor inputs of the unit.</param>
    /// <exception cref="ArgumentException">A limit is not met, the weights do not obey the pattern, or their precision cannot be stored.</exception>
    public abstract byte[] Pack(WeightMatrix weights);

    /// <summary>Which of these weights would share a scale.</summary>
    /// <param name="weights">The matrix; its zeros say what is stored.</param>
    /// <exception cref="ArgumentException">The format stores floats, or <see cref="Pack(WeightMatrix)"/> would refuse the weights.</exception>
    public virtual ScaleRuns Runs(WeightMatrix weights)
    {
        if (Precision != WeightPrecision.EightBit)
            throw new ArgumentException($"'{Name}' has no scales.");
        CheckShape(weights);
        return ScaleRuns.OnePerOutput(weights);
    }

    /// <summary>Packs ready levels; nothing is rounded again: unpacking gives levels × scales exactly.</summary>
    /// <param name="levels">With the <see cref="Runs"/> of this format.</param>
    /// <exception cref="ArgumentException">The format stores floats, a limit is not met, or levels, scales and runs do not fit each other or the format.</exception>
    public virtual byte[] Pack(WeightLevels levels)
    {
        if (Precision != WeightPrecision.EightBit)
            throw new ArgumentException($"'{Name}' has no scales.");
        var (runs, scales) = (levels.Checked(isTwoLevel: false).Runs, levels.Scales);
        if (Array.Exists(scales.Integers, integer => integer != 1))
            throw new ArgumentException("A format with one scale an output has no integers beside it.");
        return Pack(WeightMatrix.FromInt8(levels.Levels, scales.Outputs, runs.Outputs, runs.Inputs));
    }

    /// <summary>The dense weights of a packed blob.</summary>
    /// <exception cref="InvalidDataException">The blob is not valid, or of another format.</exception>
    public UnpackedWeights Unpack(ReadOnlySpan<byte> blob)
    {
        var packed = PackedWeights.Validate(blob);
        return packed.Format == this
            ? Unpack(blob, packed)
            : throw new InvalidDataException($"The packed weights are '{packed.Format.Name}', not '{Name}'.");
    }

    /// <summary>The scalar definition of the product: see <see cref="SparseReference"/>.</summary>
    /// <param name="blob">A packed blob.</param>
    /// <param name="x">[rows, inputs], row-major.</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="epilogue">What follows the product.</param>
    /// <param name="y">[rows, outputs], row-major, written. A row of x with a NaN or an infinity gives NaN throughout.</param>
    /// <exception cref="InvalidDataException">The blob is not valid, or of another format.</exception>
    public void Reference(ReadOnlySpan<byte> blob, ReadOnlySpan<float> x, int rows, in ReferenceEpilogue epilogue, Span<float> y) =>
        SparseReference.Multiply(Unpack(blob), QuantizesActivations, x, rows, epilogue, y);

    /// <summary>The largest counts a blob of that shape can have; a header that claims more lies.</summary>
    internal abstract (long Items, long Overflow) MaxCounts(int outputs, int inputs);

    /// <summary>Byte lengths of the sections, in order; at most <see cref="PackedLayout.MaxSections"/>. A function of shape and counts alone.</summary>
    internal abstract void SectionBytes(int outputs, int inputs, PackedCounts counts, Span<long> lengths);

    /// <summary>Checks everything the kernels rely on within the sections. Header and checksum are right already.</summary>
    /// <exception cref="InvalidDataException">The blob is damaged, or was built to deceive.</exception>
    internal abstract void ValidateSections(ReadOnlySpan<byte> blob, PackedWeights packed);

    /// <summary>Points a job at the sections of a validated blob.</summary>
    internal abstract unsafe void Bind(byte* blob, PackedWeights packed, SparseJob* job);

    /// <summary>Where each group's work starts, [groups + 1], in stored units; empty when every group has the same.</summary>
    internal abstract ReadOnlySpan<uint> GroupStarts(ReadOnlySpan<byte> blob, PackedWeights packed);

    private protected abstract UnpackedWeights Unpack(ReadOnlySpan<byte> blob, PackedWeights packed);

    /// <summary>Groups of <see cref="OutputsPerGroup"/> outputs, the last one possibly ragged.</summary>
    internal int Groups(int outputs) => (int)((outputs + (long)OutputsPerGroup - 1) / OutputsPerGroup);

    /// <summary>Units of <see cref="InputsPerUnit"/> inputs, the last one possibly ragged.</summary>
    internal int Units(int inputs) => (int)((inputs + (long)InputsPerUnit - 1) / InputsPerUnit);

    private protected static void CheckStarts(ReadOnlySpan<uint> starts, long items)
    {
        if (starts[0] != 0 || starts[^1] != items)
            throw new InvalidDataException("The packed weights have group starts that do not cover the stored items.");
        for (var group = 0; group + 1 < starts.Length; group++)
        {
            if (starts[group] > starts[group + 1])
                throw new InvalidDataException($"The packed weights have decreasing group starts at group {group}.");
        }
    }

    private protected static void CheckFinite(ReadOnlySpan<float> scales)
    {
        foreach (var scale in scales)
        {
            if (!float.IsFinite(scale))
                throw new InvalidDataException("The packed weights have a scale that is not finite.");
        }
    }

    private protected void CheckShape(WeightMatrix weights)
    {
        if (weights.Inputs > MaxInputs)
            throw new ArgumentException($"'{Name}' reaches {MaxInputs} inputs; the matrix has {weights.Inputs}.", nameof(weights));
    }
}

/// <summary>How many variable-size items a packed blob holds.</summary>
/// <param name="Items">Stored blocks, or stored non-zeros; what it counts is the format's.</param>
/// <param name="Overflow">Weights outside the pattern's slots; 0 for formats without an overflow list.</param>
public readonly record struct PackedCounts(long Items, long Overflow = 0);

/// <summary>How a format meets given weights.</summary>
/// <param name="Sparsity">Fraction of the pattern's units that the format skips, 0 to 1.</param>
/// <param name="Counts">The exact counts of the packed blob.</param>
/// <param name="Obstacle">Why the weights cannot be packed, or null.</param>
public sealed record PatternFit(double Sparsity, PackedCounts Counts, string? Obstacle = null);
