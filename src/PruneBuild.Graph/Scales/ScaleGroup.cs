using PruneBuild.Graph.Dimensions;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Scales;

/// <summary>An initializer that follows the scales of a group.</summary>
/// <param name="Node">Who uses it.</param>
/// <param name="Member">Which places of its axis belong to which unit.</param>
public sealed record ScaledTensor(NodeProto Node, DimensionMember Member);

/// <summary>
/// Values that hold the same channels at one common scale: multiplying channel c of all of them by s[c] &gt; 0 changes nothing that
/// the model returns when the producers are multiplied and the consumers divided by it.
/// </summary>
/// <param name="Name">For people: the first node that makes the values.</param>
/// <param name="Units">Channels, or what else is scaled as one.</param>
/// <param name="Values">The values.</param>
/// <param name="Producers">What makes the channels: rows of weights, biases, scales and shifts of normalizations.</param>
/// <param name="Consumers">What contracts or rescales them: columns of weights, scales of normalizations.</param>
/// <param name="Reason">Why the scale must stay, or null.</param>
public sealed record ScaleGroup(
    string Name, int Units, IReadOnlyList<string> Values, IReadOnlyList<ScaledTensor> Producers, IReadOnlyList<ScaledTensor> Consumers, string? Reason)
{
    /// <summary>Moves scales from the consumers to the producers; other groups of the same analysis stay valid.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="scales">Positive and finite, [units].</param>
    /// <exception cref="ArgumentException">The scales are not, or the scale of the group must stay.</exception>
    public void Apply(OnnxModel model, IReadOnlyList<double> scales)
    {
        if (Reason is not null || scales.Count != Units || scales.Any(scale => !(scale > 0) || !double.IsFinite(scale)))
            throw new ArgumentException($"No scales for the {Units} units of '{Name}'{(Reason is null ? "" : $": {Reason}")}.", nameof(scales));
        foreach (var producer in Producers)
            Multiply(model, producer.Member, scale => scales[scale]);
        foreach (var consumer in Consumers)
            Multiply(model, consumer.Member, scale => 1 / scales[scale]);
    }

    /// <summary>Multiplies the places of every unit along the member's axis.</summary>
    private static void Multiply(OnnxModel model, DimensionMember member, Func<int, double> factor)
    {
        var weight = model.Weights[member.Tensor];
        var factors = new double[(int)weight.Shape[member.Axis]];
        Array.Fill(factors, 1);
        for (var unit = 0; unit < member.Units.Count; unit++)
            foreach (var index in member.Indices(unit))
                factors[index] = factor(unit);
        var inner = weight.Shape.Skip(member.Axis + 1).Aggregate(1L, (product, size) => product * size);
        var values = weight.ReadSingles();
        for (var index = 0L; index < values.LongLength; index++)
            values[index] = (float)(values[index] * factors[index / inner % factors.Length]);
        model.SetWeight(weight.Name, [.. weight.Shape], values);
    }
}
