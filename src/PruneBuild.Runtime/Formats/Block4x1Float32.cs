namespace PruneBuild.Runtime;

/// <summary>Blocks of 4 outputs by 1 input, float32: the finest blocks whose index still costs little.</summary>
public sealed class Block4x1Float32 : ColumnBlockFloat32
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "block4x1.float32";

    private Block4x1Float32() : base(FormatName, 4)
    {
    }

    /// <summary>The one instance.</summary>
    public static Block4x1Float32 Format { get; } = new();

    /// <inheritdoc/>
    public override int OutputsPerGroup => 4;
}
