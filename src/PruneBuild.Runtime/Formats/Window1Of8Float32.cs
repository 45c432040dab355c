namespace PruneBuild.Runtime;

/// <summary>One non-zero in eight inputs, float32.</summary>
public sealed class Window1Of8Float32 : WindowFormat
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "1:8.float32";

    private Window1Of8Float32() : base(FormatName, 23, 1, 8, 4)
    {
    }

    /// <summary>The one instance.</summary>
    public static Window1Of8Float32 Format { get; } = new();
}
