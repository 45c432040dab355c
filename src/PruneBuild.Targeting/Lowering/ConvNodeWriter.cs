using PruneBuild.Graph;

namespace PruneBuild.Targeting;

/// <summary>Writes the nodes that replace a <see cref="ConvPattern"/>, and their weights.</summary>
internal sealed class ConvNodeWriter(OnnxModel model) : NodeWriter(model)
{
    /// <summary>Replaces the pattern with <c>prunebuild.SparseConv</c>.</summary>
    /// <returns>Bytes of the packed weight.</returns>
    public long WriteSparse(ConvPattern pattern, string format, Func<PackedLayer> pack)
    {
        var (node, bytes) = WriteSparse(pattern.Site, "SparseConv", format, pack, pattern.BiasName, pattern.Tail);
        node.Set("kernel_shape", pattern.Site.KernelShape.Select(size => (long)size));
        node.Set("strides", pattern.Strides);
        node.Set("pads", pattern.Pads);
        node.Set("dilations", pattern.Dilations);
        return bytes;
    }
}
