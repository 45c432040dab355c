namespace PruneBuild.Compression.Quantization;

/// <summary>The largest magnitude of every channel of some activations.</summary>
internal sealed class ChannelMaxima(IReadOnlyDictionary<string, bool> lastAxis)
{
    private readonly Dictionary<string, float[]> maxima = new(StringComparer.Ordinal);

    /// <summary>max |x| of each channel of a value, or null where nothing was seen of it.</summary>
    public float[]? Of(string value) => maxima.GetValueOrDefault(value);

    /// <summary>Adds an activation [..., channels], or [batch, channels, ...] where channels do not come last.</summary>
    public void Add(string name, ReadOnlySpan<float> values, ReadOnlySpan<long> shape)
    {
        var axis = lastAxis[name] ? shape.Length - 1 : 1;
        if (values.IsEmpty || axis < 0 || axis >= shape.Length)
            return;
        var channels = (int)shape[axis];
        var inner = 1;
        foreach (var size in shape[(axis + 1)..])
            inner *= (int)size;
        if (!maxima.TryGetValue(name, out var known))
            maxima[name] = known = new float[channels];
        if (known.Length != channels)
            return;
        for (var start = 0; start < values.Length; start += inner)
        {
            ref var most = ref known[start / inner % channels];
            foreach (var value in values.Slice(start, inner))
                most = MathF.Max(most, MathF.Abs(value));
        }
    }
}
