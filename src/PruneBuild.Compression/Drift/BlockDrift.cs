namespace PruneBuild.Compression.Drift;

/// <summary>How far an inner value of an edited model, computed by the edited model from the start, is from its parent's.</summary>
/// <param name="Name">The value, such as the output of a residual block.</param>
/// <param name="Cosine">Mean cosine of parent and edited over tokens or, for other shapes, cases; null when not compared.</param>
/// <param name="RelativeError">‖edited − parent‖ / ‖parent‖ over everything; null when not compared.</param>
/// <param name="Largest">The largest finite magnitude in the edited model.</param>
/// <param name="NonFinite">Numbers of the edited model that are not finite.</param>
/// <param name="Reason">Why it was not compared, or null.</param>
public sealed record BlockDrift(string Name, double? Cosine, double? RelativeError, double Largest, long NonFinite, string? Reason = null)
{
    /// <summary>A value that was not compared.</summary>
    internal static BlockDrift None(string name, string reason) => new(name, null, null, 0, 0, reason);
}
