namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Half-quadratic quantization (Badri and Shaji 2023, "HQQ"): the scale covers the group, the real zero point minimizes
/// ‖w − ŵ‖_p^p, p = 0.7, by shrinking the error and fitting the zero point to it in turn, β growing by 1.01 from 10, at most 20 times; the best
/// zero point met is kept. Needs no data. A real zero point has no level for 0, so weights with zeros in them, which pruning made,
/// are rounded to the nearest level instead and the reason recorded; so are 8 bits, for which ONNX Runtime reads no real zero points.
/// </summary>
public sealed class Hqq : IGroupQuantizer
{
    private const int FourBits = 4;
    private const int Iterations = 20;
    private const double Power = 0.7;
    private const double FirstBeta = 10;
    private const double Growth = 1.01;
    private const double Tiny = 1e-8;

    /// <inheritdoc/>
    public string Name => "hqq";

    /// <inheritdoc/>
    public bool NeedsStatistics => false;

    /// <inheritdoc/>
    public QuantizedMatrix Quantize(GroupProblem problem)
    {
        var asymmetric = problem with { Format = problem.Format with { IsSymmetric = false } };
        var obstacle = problem.Format.Bits != FourBits ? "real zero points are for 4 bits"
            : problem.Weights.Span.Contains(0) ? "pruned zeros have no level of their own"
            : null;
        return obstacle is null
            ? RoundToNearest.Quantize(asymmetric, Fit)
            : new RoundToNearest().Quantize(asymmetric) with { Reason = $"{obstacle}: weights were rounded to the nearest level" };
    }

    private static GroupGrid Fit(ReadOnlySpan<float> values, GroupFormat format, int group)
    {
        var covered = GroupGrid.Cover(values, format);
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        var scale = (high - low) / format.HighestLevel;
        if (!float.IsNormal((float)scale))
            return covered;
        // A whole zero point may be the better one: many weights next to 0 then share a level with it.
        var grid = new GroupGrid((float)scale, (float)(-low / scale));
        var (best, least) = (covered, Error(values, covered, format));
        if (Error(values, grid, format) is var first && first < least)
            (best, least) = (grid, first);
        var (last, zero, beta) = (first, (double)grid.ZeroPoint, FirstBeta);
        for (var iteration = 0; iteration < Iterations; iteration++, beta *= Growth)
        {
            var sum = 0.0;
            foreach (var value in values)
            {
                var level = Math.Clamp(Math.Round((value / scale) + zero), 0, format.HighestLevel);
                var error = value - ((level - zero) * scale);
                var size = Math.Abs(error);
                var kept = Math.Sign(error) * Math.Max(0, size - (Math.Pow(size + Tiny, Power - 1) / beta));
                sum += level - ((value - kept) / scale);
            }
            zero = sum / values.Length;
            grid = grid with { ZeroPoint = (float)zero };
            if (Error(values, grid, format) is var next && next >= last)
                break;
            last = next;
            if (next < least)
                (best, least) = (grid, next);
        }
        return best;
    }

    private static double Error(ReadOnlySpan<float> values, GroupGrid grid, GroupFormat format)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += Math.Abs(value - ((Math.Clamp(Math.Round((value / (double)grid.Scale) + grid.ZeroPoint), 0, format.HighestLevel) - grid.ZeroPoint) * grid.Scale));
        return sum;
    }
}
