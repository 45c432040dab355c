namespace PruneBuild.Compression.Criteria;

/// <summary>Outputs that keep the same inputs.</summary>
/// <param name="Outputs">The outputs, ascending.</param>
/// <param name="Kept">What they keep, ascending.</param>
internal sealed record SharedMask(int[] Outputs, int[] Kept);

/// <summary>The outputs of a weight by what they keep.</summary>
internal static class SharedMasks
{
    /// <summary>Sets of outputs whose weights are zero at the same inputs, in the order of their first output.</summary>
    /// <param name="weights">[outputs, inputs].</param>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns.</param>
    public static IReadOnlyList<SharedMask> Of(ReadOnlySpan<float> weights, int outputs, int inputs)
    {
        var rows = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var order = new List<List<int>>();
        var bits = new char[(inputs + 15) / 16];
        for (var output = 0; output < outputs; output++)
        {
            var row = weights.Slice(output * inputs, inputs);
            Array.Clear(bits);
            for (var input = 0; input < inputs; input++)
                if (row[input] != 0)
                    bits[input / 16] |= (char)(1 << (input % 16));
            var key = new string(bits);
            if (!rows.TryGetValue(key, out var same))
                order.Add(rows[key] = same = []);
            same.Add(output);
        }
        var masks = new List<SharedMask>(order.Count);
        foreach (var same in order)
        {
            var kept = new List<int>();
            for (var input = 0; input < inputs; input++)
                if (weights[(same[0] * inputs) + input] != 0)
                    kept.Add(input);
            masks.Add(new SharedMask([.. same], [.. kept]));
        }
        return masks;
    }
}
