namespace PruneBuild.Runtime;

/// <summary>Two non-zeros in eight inputs, float32.</summary>
public sealed class Window2Of8Float32 : WindowFormat
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "2:8.float32";

    private Window2Of8Float32() : base(FormatName, 24, 2, 8, 4)
    {
    }

    /// <summary>The one instance.</summary>
    public static Window2Of8Float32 Format { get; } = new();
}
