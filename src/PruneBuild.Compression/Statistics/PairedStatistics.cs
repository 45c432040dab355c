namespace PruneBuild.Compression.Statistics;

/// <summary>
/// The sufficient statistics of a layer's input on two streams at once: x̃ of the edited model and x of the dense one, for the same
/// rows. They are all that min ‖W x − W' x̃‖² needs (asymmetric calibration; Li et al. 2025, "GPTAQ"). FP64; every element is summed
/// in row order, so the result does not depend on threads.
/// </summary>
public sealed class PairedStatistics
{
    private readonly double[] cross;

    /// <param name="inputs">K, at least 1.</param>
    public PairedStatistics(int inputs)
        : this(new InputStatistics(inputs), new InputStatistics(inputs), new double[(long)inputs * inputs])
    {
    }

    private PairedStatistics(InputStatistics edited, InputStatistics dense, double[] cross) =>
        (Edited, Dense, this.cross) = (edited, dense, cross);

    /// <summary>K, the number of features.</summary>
    public int Inputs => Edited.Inputs;

    /// <summary>Rows seen.</summary>
    public long Count => Edited.Count;

    /// <summary>Of x̃: the count, Σ x̃ and Σ x̃ x̃ᵀ.</summary>
    public InputStatistics Edited { get; }

    /// <summary>Of x: the count, Σ x and Σ x xᵀ.</summary>
    public InputStatistics Dense { get; }

    /// <summary>C = Σ x̃ xᵀ, [K, K] row-major: rows are features of x̃, columns those of x.</summary>
    public ReadOnlySpan<double> Cross => cross;

    /// <summary>E[x̃ xᵀ] − E[x̃] E[x]ᵀ (biased), [K, K] as <see cref="Cross"/>; zeros when there are no rows.</summary>
    public double[] CrossCovariance()
    {
        var covariance = new double[cross.Length];
        if (Count == 0)
            return covariance;
        var (edited, dense) = (Edited.Mean(), Dense.Mean());
        for (var row = 0; row < Inputs; row++)
            for (var column = 0; column < Inputs; column++)
                covariance[((long)row * Inputs) + column] = (cross[((long)row * Inputs) + column] / Count) - (edited[row] * dense[column]);
        return covariance;
    }

    /// <summary>Whether every number is finite.</summary>
    public bool IsFinite() => Edited.IsFinite() && Dense.IsFinite() && Array.TrueForAll(cross, double.IsFinite);

    /// <summary>Adds rows.</summary>
    /// <param name="edited">x̃, [T, K] row-major.</param>
    /// <param name="dense">x of the same rows, [T, K] row-major.</param>
    /// <param name="threads">Most threads to use.</param>
    /// <exception cref="ArgumentException">The lengths differ or are no multiple of K.</exception>
    public void Add(ReadOnlySpan<float> edited, ReadOnlySpan<float> dense, int threads = 1)
    {
        if (edited.Length != dense.Length)
            throw new ArgumentException($"{dense.Length} numbers do not pair with {edited.Length}.", nameof(dense));
        Edited.Add(edited, threads);
        Dense.Add(dense, threads);
        for (var start = 0; start < edited.Length; start += GramAccumulator.PanelRows * Inputs)
        {
            var length = Math.Min(GramAccumulator.PanelRows * Inputs, edited.Length - start);
            GramAccumulator.AddCross(edited.Slice(start, length), dense.Slice(start, length), Inputs, cross, threads);
        }
    }

    /// <summary>Adds the statistics of other rows of the same input.</summary>
    /// <exception cref="ArgumentException">The number of features differs.</exception>
    public void Merge(PairedStatistics other)
    {
        Edited.Merge(other.Edited);
        Dense.Merge(other.Dense);
        for (var index = 0; index < cross.Length; index++)
            cross[index] += other.cross[index];
    }

    /// <summary>The sum of several statistics of one input; the arguments stay as they are.</summary>
    public static PairedStatistics Merged(IEnumerable<PairedStatistics> parts)
    {
        PairedStatistics? whole = null;
        foreach (var part in parts)
        {
            whole ??= new PairedStatistics(part.Inputs);
            whole.Merge(part);
        }
        return whole ?? throw new ArgumentException("No statistics to merge.", nameof(parts));
    }

    /// <summary>Writes both inputs' statistics and the cross moments, little-endian.</summary>
    public void Save(BinaryWriter writer)
    {
        Edited.Save(writer);
        Dense.Save(writer);
        foreach (var value in cross)
            writer.Write(value);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The stream holds no paired statistics.</exception>
    public static PairedStatistics Load(BinaryReader reader)
    {
        var (edited, dense) = (InputStatistics.Load(reader), InputStatistics.Load(reader));
        if (edited.Inputs != dense.Inputs || edited.Count != dense.Count)
            throw new InvalidDataException("The two inputs are not of the same rows.");
        var length = (long)edited.Inputs * edited.Inputs;
        if (length * sizeof(double) > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new InvalidDataException("The statistics end early.");
        var cross = new double[length];
        for (var index = 0L; index < length; index++)
            cross[index] = reader.ReadDouble();
        return new PairedStatistics(edited, dense, cross);
    }
}
