namespace PruneBuild.Runtime;

/// <summary>Blocks of 8 outputs by 1 input, int8 beside float activations.</summary>
public sealed class Block8x1Int8Float32 : ColumnBlockInt8Float32
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "block8x1.int8f32";

    private Block8x1Int8Float32() : base(FormatName, 20)
    {
    }

    /// <summary>The one instance.</summary>
    public static Block8x1Int8Float32 Format { get; } = new();

    /// <inheritdoc/>
    public override int OutputsPerGroup => 8;
}
