namespace PruneBuild.Runtime;

/// <summary>Blocks of 16 outputs by 1 input, int8 beside float activations: the fewest index bytes a weight.</summary>
public sealed class Block16x1Int8Float32 : ColumnBlockInt8Float32
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "block16x1.int8f32";

    private Block16x1Int8Float32() : base(FormatName, 5)
    {
    }

    /// <summary>The one instance.</summary>
    public static Block16x1Int8Float32 Format { get; } = new();

    /// <inheritdoc/>
    public override int OutputsPerGroup => 16;
}
