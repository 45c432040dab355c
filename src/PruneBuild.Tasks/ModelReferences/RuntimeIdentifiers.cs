using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks.ModelReferences;

/// <summary>The runtime identifiers an artifact can be built for.</summary>
internal static class RuntimeIdentifiers
{
    public static IReadOnlyList<string> Supported { get; } = ["linux-x64", "linux-arm64", "win-x64", "win-arm64", "osx-arm64"];

    /// <summary>RIDs of .NET for which the ONNX Runtime package has no native library.</summary>
    private static readonly HashSet<string> WithoutOnnxRuntime = new(StringComparer.Ordinal)
    {
        "linux-musl-x64", "linux-musl-arm64", "linux-musl-arm", "linux-arm", "linux-x86", "linux-s390x", "linux-ppc64le",
        "linux-riscv64", "linux-loongarch64", "linux-bionic-x64", "linux-bionic-arm64", "win-x86", "win-arm", "osx-x64",
        "freebsd-x64", "freebsd-arm64", "android-arm64", "android-x64", "ios-arm64", "iossimulator-arm64",
        "maccatalyst-arm64", "browser-wasm", "wasi-wasm",
    };

    /// <exception cref="PruneBuildException">PB6001: no ONNX Runtime for it. PB1020: not a RID we know.</exception>
    public static void Check(string rid, string projectFile)
    {
        if (Supported.Contains(rid, StringComparer.Ordinal))
            return;
        var code = WithoutOnnxRuntime.Contains(rid) ? "PB6001" : "PB1020";
        throw new PruneBuildException(code, rid, string.Join(", ", Supported)).At(projectFile);
    }
}
