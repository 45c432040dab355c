using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>
/// What the dense parent computes for single cases, kept while memory allows: cases that nothing changes come again every epoch.
/// Values are kept between steps, never while several threads read.
/// </summary>
/// <param name="budget">Most bytes to keep.</param>
internal sealed class TeacherValues(long budget) : IDisposable
{
    private readonly Dictionary<int, Dictionary<string, torch.Tensor>> known = [];
    private long bytes;

    /// <summary>The values of some cases joined, [cases, ...], or null when not all are known.</summary>
    public Dictionary<string, torch.Tensor>? Find(ReadOnlySpan<int> places)
    {
        var found = new List<Dictionary<string, torch.Tensor>>(places.Length);
        foreach (var place in places)
        {
            if (!known.TryGetValue(place, out var values))
                return null;
            found.Add(values);
        }
        return found.Count == 0 ? null : found[0].Keys.ToDictionary(name => name, name => torch.cat([.. found.Select(values => values[name])], 0), StringComparer.Ordinal);
    }

    /// <summary>Keeps the values of cases that are not known yet, as far as the budget goes.</summary>
    /// <param name="places">The cases.</param>
    /// <param name="values">By name, [cases, ...]; anything else is no value of single cases and is not kept.</param>
    public void Keep(ReadOnlySpan<int> places, IReadOnlyDictionary<string, torch.Tensor> values)
    {
        var count = places.Length;
        if (values.Values.Any(value => value.dim() == 0 || value.shape[0] != count))
            return;
        var size = values.Values.Sum(value => value.numel() * value.element_size()) / Math.Max(1, count);
        for (var index = 0; index < count && bytes + size <= budget; index++)
        {
            if (known.ContainsKey(places[index]))
                continue;
            known[places[index]] = values.ToDictionary(
                pair => pair.Key, pair => pair.Value.narrow(0, index, 1).clone().DetachFromDisposeScope(), StringComparer.Ordinal);
            bytes += size;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in known.Values.SelectMany(values => values.Values))
            value.Dispose();
    }
}
