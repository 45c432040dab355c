namespace PruneBuild.Runtime;

/// <summary>Blocks of 4 outputs by 1 input, int8 beside float activations.</summary>
public sealed class Block4x1Int8Float32 : ColumnBlockInt8Float32
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "block4x1.int8f32";

    private Block4x1Int8Float32() : base(FormatName, 21)
    {
    }

    /// <summary>The one instance.</summary>
    public static Block4x1Int8Float32 Format { get; } = new();

    /// <inheritdoc/>
    public override int OutputsPerGroup => 4;
}
