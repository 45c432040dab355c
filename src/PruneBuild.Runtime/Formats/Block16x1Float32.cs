namespace PruneBuild.Runtime;

/// <summary>Blocks of 16 outputs by 1 input, float32: a cache line a block.</summary>
public sealed class Block16x1Float32 : ColumnBlockFloat32
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "block16x1.float32";

    private Block16x1Float32() : base(FormatName, 3)
    {
    }

    /// <summary>The one instance.</summary>
    public static Block16x1Float32 Format { get; } = new();

    /// <inheritdoc/>
    public override int OutputsPerGroup => 16;
}
