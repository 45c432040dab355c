using PruneBuild.Compression.Statistics;

namespace PruneBuild.Benchmarks.Pruning;

/// <summary>Statistics of correlated inputs without the rows: S = I + Σ v vᵀ over a few random directions.</summary>
internal static class Synthetic
{
    public static InputStatistics Statistics(int inputs)
    {
        const int directions = 16;
        const long count = 1 << 16;
        var random = new Random(2);
        var vectors = new float[directions][];
        for (var index = 0; index < directions; index++)
        {
            vectors[index] = new float[inputs];
            foreach (ref var value in vectors[index].AsSpan())
                value = (random.NextSingle() * 2) - 1;
        }
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(inputs);
            writer.Write(count);
            for (var input = 0; input < inputs; input++)
                writer.Write(0.0);
            for (var row = 0; row < inputs; row++)
                for (var column = row; column < inputs; column++)
                {
                    var value = row == column ? 1.0 : 0;
                    foreach (var vector in vectors)
                        value += (double)vector[row] * vector[column] * 0.5;
                    writer.Write(value * count);
                }
        }
        stream.Position = 0;
        using var reader = new BinaryReader(stream);
        return InputStatistics.Load(reader);
    }
}
