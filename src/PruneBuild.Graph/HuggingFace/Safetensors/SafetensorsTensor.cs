namespace PruneBuild.Graph.HuggingFace;

/// <summary>Where a tensor lies in the data of a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type as the file spells it, such as <c>BF16</c>.</param>
/// <param name="Shape">Dimensions, outermost first; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the end of the header.</param>
/// <param name="Bytes">Bytes.</param>
public sealed record SafetensorsTensor(string Name, string Type, IReadOnlyList<long> Shape, long Offset, long Bytes)
{
    /// <summary>Number of elements; the header was checked, so nothing overflows.</summary>
    public long Elements => Shape.Aggregate(1L, (product, dimension) => product * dimension);
}
