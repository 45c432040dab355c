namespace PruneBuild.Runtime;

/// <summary>Two non-zeros in four inputs, float32.</summary>
public sealed class Window2Of4Float32 : WindowFormat
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string FormatName = "2:4.float32";

    private Window2Of4Float32() : base(FormatName, 22, 2, 4, 2)
    {
    }

    /// <summary>The one instance.</summary>
    public static Window2Of4Float32 Format { get; } = new();
}
