namespace PruneBuild.Runtime;

/// <summary>Four non-zeros in eight inputs, float32.</summary>
public sealed class Window4Of8Float32 : WindowFormat
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "4:8.float32";

    private Window4Of8Float32() : base(FormatName, 25, 4, 8, 4)
    {
    }

    /// <summary>The one instance.</summary>
    public static Window4Of8Float32 Format { get; } = new();
}
