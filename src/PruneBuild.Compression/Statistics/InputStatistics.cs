namespace PruneBuild.Compression.Statistics;

/// <summary>
/// The sufficient statistics of a layer's input x of K features: how many rows, their sum and the sum of their outer products.
/// All closed-form methods need no more. FP64; every element is summed in row order, so the result does not depend on threads.
/// </summary>
public sealed class InputStatistics
{
    private readonly double[] sum;
    private readonly double[] gram;

    /// <param name="inputs">K, at least 1.</param>
    public InputStatistics(int inputs)
        : this(inputs, 0, new double[inputs], new double[(long)inputs * inputs])
    {
    }

    internal InputStatistics(int inputs, long count, double[] sum, double[] gram)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        (Inputs, Count, this.sum, this.gram) = (inputs, count, sum, gram);
    }

    /// <summary>K, the number of features.</summary>
    public int Inputs { get; }

    /// <summary>Rows seen.</summary>
    public long Count { get; private set; }

    /// <summary>Σ x, [K].</summary>
    public ReadOnlySpan<double> Sum => sum;

    /// <summary>Upper triangle of Σ x xᵀ inside [K, K]; below the diagonal the array is zero.</summary>
    internal ReadOnlySpan<double> UpperGram => gram;

    /// <summary>One element of Σ x xᵀ.</summary>
    public double Gram(int row, int column) =>
        gram[((long)Math.Min(row, column) * Inputs) + Math.Max(row, column)];

    /// <summary>Mean of the rows, [K]; zeros when there are none.</summary>
    public double[] Mean() => Array.ConvertAll(sum, total => Count == 0 ? 0 : total / Count);

    /// <summary>Whether every number is finite: a model that produced NaN or infinity cannot be repaired from them.</summary>
    public bool IsFinite() => Array.TrueForAll(sum, double.IsFinite) && Array.TrueForAll(gram, double.IsFinite);

    /// <summary>Covariance E[x xᵀ] − E[x] E[x]ᵀ (biased), full [K, K]; zeros when there are no rows.</summary>
    public double[] Covariance() => Moment(Mean());

    /// <summary>E[x xᵀ], full [K, K]; zeros when there are no rows.</summary>
    public double[] SecondMoment() => Moment(new double[Inputs]);

    /// <summary>E[x xᵀ] − m mᵀ.</summary>
    private double[] Moment(double[] mean)
    {
        var covariance = new double[gram.Length];
        if (Count == 0)
            return covariance;
        for (var row = 0; row < Inputs; row++)
        {
            for (var column = row; column < Inputs; column++)
            {
                var value = (gram[(long)row * Inputs + column] / Count) - (mean[row] * mean[column]);
                covariance[(long)row * Inputs + column] = value;
                covariance[(long)column * Inputs + row] = value;
            }
        }
        return covariance;
    }

    /// <summary>Adds rows.</summary>
    /// <param name="rows">[T, K] row-major.</param>
    /// <param name="threads">Most threads to use.</param>
    /// <exception cref="ArgumentException">The length is no multiple of K.</exception>
    public void Add(ReadOnlySpan<float> rows, int threads = 1)
    {
        if (rows.Length % Inputs != 0)
            throw new ArgumentException($"{rows.Length} numbers are no rows of {Inputs}.", nameof(rows));
        for (var start = 0; start < rows.Length; start += GramAccumulator.PanelRows * Inputs)
        {
            var panel = rows.Slice(start, Math.Min(GramAccumulator.PanelRows * Inputs, rows.Length - start));
            GramAccumulator.Add(panel, Inputs, sum, gram, threads);
        }
        Count += rows.Length / Inputs;
    }

    /// <summary>Adds the statistics of other rows of the same input.</summary>
    /// <exception cref="ArgumentException">The number of features differs.</exception>
    public void Merge(InputStatistics other)
    {
        if (other.Inputs != Inputs)
            throw new ArgumentException($"Statistics of {other.Inputs} features do not add to {Inputs}.", nameof(other));
        for (var index = 0; index < sum.Length; index++)
            sum[index] += other.sum[index];
        for (var index = 0; index < gram.Length; index++)
            gram[index] += other.gram[index];
        Count += other.Count;
    }

    /// <summary>The sum of several statistics of one input; the arguments stay as they are.</summary>
    public static InputStatistics Merged(IEnumerable<InputStatistics> parts)
    {
        InputStatistics? whole = null;
        foreach (var part in parts)
        {
            whole ??= new InputStatistics(part.Inputs);
            whole.Merge(part);
        }
        return whole ?? throw new ArgumentException("No statistics to merge.", nameof(parts));
    }

    /// <summary>The statistics of the same rows with their features in another order.</summary>
    /// <param name="order">The old feature that each new one is, [K].</param>
    internal InputStatistics Reordered(int[] order)
    {
        var moved = new InputStatistics(Inputs) { Count = Count };
        for (var row = 0; row < Inputs; row++)
        {
            moved.sum[row] = sum[order[row]];
            for (var column = row; column < Inputs; column++)
                moved.gram[((long)row * Inputs) + column] = Gram(order[row], order[column]);
        }
        return moved;
    }

    /// <summary>The statistics of the same rows with every feature multiplied by a factor.</summary>
    /// <param name="factors">[K].</param>
    internal InputStatistics Scaled(double[] factors)
    {
        var scaled = new InputStatistics(Inputs) { Count = Count };
        for (var row = 0; row < Inputs; row++)
        {
            scaled.sum[row] = sum[row] * factors[row];
            for (var column = row; column < Inputs; column++)
                scaled.gram[((long)row * Inputs) + column] = gram[((long)row * Inputs) + column] * factors[row] * factors[column];
        }
        return scaled;
    }

    /// <summary>The statistics of A x.</summary>
    /// <param name="map">A, [K, K] row-major.</param>
    internal InputStatistics Transformed(double[] map)
    {
        var full = new double[gram.Length];
        for (var row = 0; row < Inputs; row++)
            for (var column = 0; column < Inputs; column++)
                full[((long)row * Inputs) + column] = Gram(row, column);
        // The gram is symmetric: A G, then (A G) Aᵀ, each a product with a transposed right side.
        var both = MatrixProduct.Transposed(MatrixProduct.Transposed(map, full, Inputs), map, Inputs);
        var mapped = new InputStatistics(Inputs) { Count = Count };
        for (var row = 0; row < Inputs; row++)
        {
            mapped.sum[row] = System.Numerics.Tensors.TensorPrimitives.Dot(map.AsSpan(row * Inputs, Inputs), sum);
            for (var column = row; column < Inputs; column++)
                mapped.gram[((long)row * Inputs) + column] = both[((long)row * Inputs) + column];
        }
        return mapped;
    }

    /// <summary>Writes K, the count, the sum and the upper triangle, little-endian.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(Inputs);
        writer.Write(Count);
        foreach (var value in sum)
            writer.Write(value);
        for (var row = 0; row < Inputs; row++)
            for (var column = row; column < Inputs; column++)
                writer.Write(gram[(long)row * Inputs + column]);
    }

    /// <summary>Passes over what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The stream holds no statistics.</exception>
    internal static void Skip(BinaryReader reader)
    {
        var inputs = (long)reader.ReadInt32();
        var bytes = sizeof(long) + ((inputs + (inputs * (inputs + 1) / 2)) * sizeof(double));
        if (inputs < 1 || bytes > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new InvalidDataException($"No statistics of {inputs} features here.");
        reader.BaseStream.Position += bytes;
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The stream holds no statistics.</exception>
    public static InputStatistics Load(BinaryReader reader)
    {
        try
        {
            var (inputs, count) = (reader.ReadInt32(), reader.ReadInt64());
            var needed = ((long)inputs + ((long)inputs * (inputs + 1L) / 2)) * sizeof(double);
            if (inputs < 1 || count < 0 || needed > reader.BaseStream.Length - reader.BaseStream.Position)
                throw new InvalidDataException($"No statistics of {inputs} features here.");
            var statistics = new InputStatistics(inputs) { Count = count };
            for (var index = 0; index < inputs; index++)
                statistics.sum[index] = reader.ReadDouble();
            for (var row = 0; row < inputs; row++)
                for (var column = row; column < inputs; column++)
                    statistics.gram[(long)row * inputs + column] = reader.ReadDouble();
            return statistics;
        }
        catch (EndOfStreamException reason)
        {
            throw new InvalidDataException("The statistics end early.", reason);
        }
    }
}
