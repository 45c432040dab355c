using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace PruneBuild.Tests;

/// <summary>Lets the tests use ONNX Runtime from the NuGet packages folder, without a copy beside every test assembly.</summary>
internal static class OnnxRuntimeNative
{
    public static string PackagesFolder { get; } = typeof(OnnxRuntimeNative).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "NuGetPackageRoot").Value!;

    public static string RepositoryRoot { get; } = typeof(OnnxRuntimeNative).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>The folder with real models and data beside the repository; absent on most machines.</summary>
    public static string SharedFolder => Path.Combine(RepositoryRoot, "..", "shared");

    /// <summary>The runtime identifier of this machine.</summary>
    public static string HostRid { get; } = $"{Platform.Name}-{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";

    /// <summary>The native library for this machine.</summary>
    public static string Library => Path.Combine(PackagesFolder, "microsoft.ml.onnxruntime", "1.31.1", "runtimes", HostRid, "native", Platform.File);

    private static (string Name, string File) Platform => OperatingSystem.IsWindows() ? ("win", "onnxruntime.dll")
        : OperatingSystem.IsMacOS() ? ("osx", "libonnxruntime.dylib") : ("linux", "libonnxruntime.so");

    [ModuleInitializer]
    internal static void Register() => AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) =>
        name.Contains("onnxruntime", StringComparison.OrdinalIgnoreCase) && File.Exists(Library) ? NativeLibrary.Load(Library) : 0;
}
