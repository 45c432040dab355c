using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks.ModelReferences;

/// <summary>The runtime identifiers an artifact can be built for.</summary>
internal static class RuntimeIdentifiers
{
    public static IReadOnlyList<string> Supported { get; } = ["linux-x64", "linux-arm64", "win-x64", "win-arm64", "osx-arm64"];

    // The device catalogue's list, which the worker goes by: a RID ending in '-' stands for all that start so.
    private static readonly string[] WithoutOnnxRuntime =
    [
        "linux-arm", "linux-bionic-", "linux-musl-", "linux-x86", "osx-x64", "win-arm", "win-x86",
    ];

    /// <exception cref="PruneBuildException">PB6001: no ONNX Runtime for it. PB1020: no device data for it.</exception>
    public static void Check(string rid, string projectFile)
    {
        if (Supported.Contains(rid, StringComparer.Ordinal))
            return;
        var code = WithoutOnnxRuntime.Any(missing => Matches(rid, missing)) ? "PB6001" : "PB1020";
        throw new PruneBuildException(code, rid, string.Join(", ", Supported)).At(projectFile);
    }

    private static bool Matches(string rid, string missing) =>
        missing.EndsWith('-') ? rid.StartsWith(missing, StringComparison.Ordinal) : rid == missing;
}
