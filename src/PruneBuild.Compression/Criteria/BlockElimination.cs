using System.Runtime.Intrinsics;

namespace PruneBuild.Compression.Criteria;

/// <summary>
/// Removes the inputs of a few outputs that share one mask, unit after unit: always the one whose removal costs least once all
/// others have made up for it. Exact, since the inverse Hessian of the inputs that remain is kept up to date: removing the
/// inputs J subtracts H⁻¹_{:,J} (H⁻¹_JJ)⁻¹ H⁻¹_{J,:}, and w loses w_J (H⁻¹_JJ)⁻¹ H⁻¹_{J,:} (Frantar, Singh and Alistarh 2022,
/// "Optimal Brain Compression", sections 4 and 5).
/// </summary>
internal sealed class BlockElimination
{
    private readonly int rows;
    private double[] inverse;
    private double[] weights;
    private int size;
    private Unit[] units;
    private int gone;

    /// <param name="inverse">H⁻¹, [K, K]; taken over.</param>
    /// <param name="weights">w, [rows, K]; taken over.</param>
    /// <param name="inputs">K.</param>
    /// <param name="unitColumns">Neighbouring inputs of a unit.</param>
    public BlockElimination(double[] inverse, double[] weights, int inputs, int unitColumns)
    {
        (this.inverse, this.weights, size) = (inverse, weights, inputs);
        rows = weights.Length / size;
        units = new Unit[(size + unitColumns - 1) / unitColumns];
        for (var unit = 0; unit < units.Length; unit++)
            units[unit] = new Unit(unit, unit * unitColumns, Math.Min(unitColumns, size - (unit * unitColumns)));
    }

    /// <summary>Removes units in their order of cost, all that may go.</summary>
    /// <param name="window">Units of a window, or 0.</param>
    /// <param name="allowed">How many units of a window may go, by window; unused without one.</param>
    /// <param name="cancellation">Observed between units.</param>
    /// <returns>The units in the order they went, and what each removal added to the squared error.</returns>
    public (int[] Order, double[] Costs) Run(int window, Func<int, int> allowed, CancellationToken cancellation)
    {
        var order = new List<int>();
        var costs = new List<double>();
        var taken = window == 0 ? [] : new int[(units.Length + window - 1) / window];
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var (best, cost) = (-1, double.PositiveInfinity);
            for (var place = 0; place < units.Length; place++)
            {
                var unit = units[place];
                if (unit.Gone || (window > 0 && taken[unit.Index / window] >= allowed(unit.Index / window)))
                    continue;
                var error = Cost(unit);
                // The first one counts whatever it costs: rounding may have spoiled all that is left.
                if (best < 0 || error < cost)
                    (best, cost) = (place, error);
            }
            if (best < 0)
                return ([.. order], [.. costs]);
            if (window > 0)
                taken[units[best].Index / window]++;
            order.Add(units[best].Index);
            costs.Add(cost);
            Remove(best);
            if ((gone * 4) >= units.Length && gone > 8)
                Compact();
        }
    }

    private double Cost(Unit unit)
    {
        Span<double> solved = stackalloc double[unit.Length];
        var factor = Factor(unit, stackalloc double[unit.Length * unit.Length]);
        if (factor.IsEmpty)
            return double.PositiveInfinity;
        var error = 0.0;
        for (var row = 0; row < rows; row++)
        {
            var part = weights.AsSpan((row * size) + unit.Start, unit.Length);
            for (var i = 0; i < unit.Length; i++)
            {
                var value = part[i];
                for (var j = 0; j < i; j++)
                    value -= factor[(i * unit.Length) + j] * solved[j];
                solved[i] = value / factor[(i * unit.Length) + i];
                error += solved[i] * solved[i];
            }
        }
        return error;
    }

    /// <summary>Lower Cholesky factor of H⁻¹_JJ; empty when rounding has spoiled it.</summary>
    private ReadOnlySpan<double> Factor(Unit unit, Span<double> lower)
    {
        for (var i = 0; i < unit.Length; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var value = inverse[((long)(unit.Start + i) * size) + unit.Start + j];
                for (var k = 0; k < j; k++)
                    value -= lower[(i * unit.Length) + k] * lower[(j * unit.Length) + k];
                if (i == j && !(value > 0))
                    return [];
                lower[(i * unit.Length) + j] = i == j ? Math.Sqrt(value) : value / lower[(j * unit.Length) + j];
            }
        }
        return lower;
    }

    private void Remove(int place)
    {
        var unit = units[place];
        var length = unit.Length;
        var lower = Factor(unit, new double[length * length]).ToArray();
        // Z = L⁻¹ H⁻¹_{J,:}: then both updates are products with Z.
        var z = new double[length * size];
        for (var i = 0; i < length && lower.Length > 0; i++)
        {
            var target = z.AsSpan(i * size, size);
            inverse.AsSpan((unit.Start + i) * size, size).CopyTo(target);
            for (var j = 0; j < i; j++)
                SubtractScaled(target, lower[(i * length) + j], z.AsSpan(j * size, size));
            var scale = 1 / lower[(i * length) + i];
            foreach (ref var value in target)
                value *= scale;
        }
        for (var row = 0; row < rows; row++)
        {
            var target = weights.AsSpan(row * size, size);
            for (var i = 0; i < length && lower.Length > 0; i++)
            {
                // Component i of L⁻¹ w_Jᵀ: the earlier ones are already out of w, since Z_{j,J} is column j of L.
                SubtractScaled(target, target[unit.Start + i] / lower[(i * length) + i], z.AsSpan(i * size, size));
            }
            target.Slice(unit.Start, length).Clear();
        }
        foreach (var other in units)
        {
            if (other.Gone || other.Index == unit.Index || lower.Length == 0)
                continue;
            for (var input = other.Start; input < other.Start + other.Length; input++)
                for (var i = 0; i < length; i++)
                    SubtractScaled(inverse.AsSpan(input * size, size), z[(i * size) + input], z.AsSpan(i * size, size));
        }
        units[place] = unit with { Gone = true };
        gone++;
    }

    private static void SubtractScaled(Span<double> target, double scale, ReadOnlySpan<double> values)
    {
        var factor = Vector256.Create(-scale);
        var index = 0;
        for (; index <= target.Length - Vector256<double>.Count; index += Vector256<double>.Count)
            Vector256.MultiplyAddEstimate(factor, Vector256.Create(values[index..]), Vector256.Create<double>(target[index..])).CopyTo(target[index..]);
        for (; index < target.Length; index++)
            target[index] -= scale * values[index];
    }

    /// <summary>Drops what was removed, so that later steps do not drag it along.</summary>
    private void Compact()
    {
        var alive = units.Where(unit => !unit.Gone).ToArray();
        var columns = alive.SelectMany(unit => Enumerable.Range(unit.Start, unit.Length)).ToArray();
        var smaller = new double[(long)columns.Length * columns.Length];
        for (var i = 0; i < columns.Length; i++)
            for (var j = 0; j < columns.Length; j++)
                smaller[((long)i * columns.Length) + j] = inverse[((long)columns[i] * size) + columns[j]];
        var fewer = new double[rows * columns.Length];
        for (var row = 0; row < rows; row++)
            for (var j = 0; j < columns.Length; j++)
                fewer[(row * columns.Length) + j] = weights[(row * size) + columns[j]];
        var start = 0;
        for (var place = 0; place < alive.Length; place++)
        {
            alive[place] = alive[place] with { Start = start };
            start += alive[place].Length;
        }
        (inverse, weights, units, size, gone) = (smaller, fewer, alive, columns.Length, 0);
    }

    /// <param name="Index">Which unit of the weight.</param>
    /// <param name="Start">Its first column now.</param>
    /// <param name="Length">Its columns.</param>
    /// <param name="Gone">Whether it was removed since the last compaction.</param>
    private readonly record struct Unit(int Index, int Start, int Length, bool Gone = false);
}
