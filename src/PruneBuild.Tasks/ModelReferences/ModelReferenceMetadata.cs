namespace PruneBuild.Tasks.ModelReferences;

/// <summary>The metadata that a <c>ModelReference</c> may carry.</summary>
internal static class ModelReferenceMetadata
{
    public const string Recipe = "Recipe";
    public const string Harness = "Harness";
    public const string Prune = "Prune";
    public const string Quantize = "Quantize";
    public const string Device = "Device";
    public const string TargetPath = "TargetPath";

    public static IReadOnlyList<string> Names { get; } = [Recipe, Harness, Prune, Quantize, Device, TargetPath];

    /// <summary>
    /// Metadata that MSBuild, the SDK or an editor puts on any item; names with a leading underscore are private by convention.
    /// </summary>
    public static bool IsForeign(string name) =>
        name.StartsWith('_')
        || name.StartsWith("MSBuildSource", StringComparison.OrdinalIgnoreCase)
        || Foreign.Contains(name);

    private static readonly HashSet<string> Foreign = new(StringComparer.OrdinalIgnoreCase)
    {
        "Visible", "InProject", "SubType", "OriginalItemSpec", "IsImplicitlyDefined",
    };
}
