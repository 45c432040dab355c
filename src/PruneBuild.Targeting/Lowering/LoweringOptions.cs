using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Targeting;

/// <summary>How a model is lowered.</summary>
public sealed record LoweringOptions
{
    /// <summary>Activation rows of a layer whose input shape the graph does not give; 1 for one sample at a time.</summary>
    public long BatchSize { get; init; } = 1;

    /// <summary>
    /// The same model with <c>com.microsoft.MatMulNBits</c> in place of some layers, whose outputs have kept their names: what those
    /// layers become, unless a sparse kernel of as many bits is faster. Null to keep weights as they are.
    /// </summary>
    public OnnxModel? GroupQuantized { get; init; }

    /// <summary>
    /// The same model with QuantizeLinear and DequantizeLinear around the nodes whose activations are quantized: what layers become, unless a sparse kernel is
    /// faster. Null to keep activations as they are.
    /// </summary>
    public OnnxModel? StaticQuantized { get; init; }

    /// <summary>
    /// Whether layers with int8 weights that can quantize activations as they run do so also where float is faster; a sparse kernel may still take their place.
    /// </summary>
    public bool RequireDynamicInt8 { get; init; }

    /// <summary>Whether float weights and scales are stored as float16 where the device has <see cref="Device.HasHalfArithmetic"/>.</summary>
    public bool StoreHalf { get; init; }

    /// <summary>
    /// Packs the weights of a layer in the format that was chosen, with levels that cost less than the nearest ones. Null, or null for a
    /// layer, where <see cref="PackedFormat.Pack(WeightMatrix)"/> does it. Layers that share a weight share the result of the first.
    /// </summary>
    public Func<WeightSite, PackedFormat, WeightMatrix, PackedLayer?>? Pack { get; init; }

    /// <summary>As <see cref="PlanOptions.AllowInt8"/>.</summary>
    public bool AllowDynamicInt8 { get; init; } = true;

    /// <summary>As <see cref="PlanOptions.Threads"/>.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// Whether sparse kernels are timed against the dense ones where the host can run the target's RID, and dropped when they
    /// are not faster. Timings vary, so two builds may then choose differently: off unless asked for.
    /// </summary>
    public bool Confirm { get; init; }
}
