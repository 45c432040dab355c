namespace PruneBuild.Runtime;

/// <summary>Blocks of 8 outputs by 1 input, float32: one AVX2 register a block.</summary>
public sealed class Block8x1Float32 : ColumnBlockFloat32
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "block8x1.float32";

    private Block8x1Float32() : base(FormatName, 2)
    {
    }

    /// <summary>The one instance.</summary>
    public static Block8x1Float32 Format { get; } = new();

    /// <inheritdoc/>
    public override int OutputsPerGroup => 8;
}
