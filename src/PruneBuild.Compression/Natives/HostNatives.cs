using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace PruneBuild.Compression.Natives;

/// <summary>Where the native libraries of the build host lie. Absolute paths; nothing is copied.</summary>
/// <param name="OnnxRuntime">ONNX Runtime.</param>
/// <param name="TorchLibraries">libtorch, in the order in which to load it.</param>
/// <param name="TorchSharp">LibTorchSharp, the bridge of TorchSharp.</param>
public sealed record HostNatives(string OnnxRuntime, IReadOnlyList<string> TorchLibraries, string TorchSharp)
{
    /// <summary>The pinned versions of the packages that hold the natives.</summary>
    public const string OnnxRuntimeVersion = "1.31.1";

    /// <inheritdoc cref="OnnxRuntimeVersion"/>
    public const string TorchSharpVersion = "0.107.0";

    /// <inheritdoc cref="OnnxRuntimeVersion"/>
    public const string LibTorchVersion = "2.10.0";

    private static readonly Lock Gate = new();
    private static string? onnxRuntimePath;

    /// <summary>The natives inside a NuGet global packages folder.</summary>
    /// <param name="packagesFolder">Absolute path, e.g. <c>~/.nuget/packages</c>.</param>
    /// <param name="hostRid">linux-x64, win-x64 or osx-arm64.</param>
    /// <exception cref="Diagnostics.PruneBuildException">PB0002: no tool packs exist for the host.</exception>
    public static HostNatives FromPackages(string packagesFolder, string hostRid) => FromPackageFolders(
        Packages(hostRid).ToDictionary(
            package => package.Id.ToLowerInvariant(),
            package => Path.Combine(packagesFolder, package.Id.ToLowerInvariant(), package.Version),
            StringComparer.OrdinalIgnoreCase),
        hostRid);

    /// <summary>The natives inside unpacked packages, wherever each lies.</summary>
    /// <param name="packageFolders">Absolute folder of every package of <see cref="Packages"/>, by lower-case id.</param>
    /// <param name="hostRid">linux-x64, win-x64 or osx-arm64.</param>
    /// <exception cref="Diagnostics.PruneBuildException">PB0002: no tool packs exist for the host. PB0014: a package is not given.</exception>
    public static HostNatives FromPackageFolders(IReadOnlyDictionary<string, string> packageFolders, string hostRid)
    {
        var (prefix, suffix) = hostRid switch
        {
            "linux-x64" => ("lib", ".so"),
            "osx-arm64" => ("lib", ".dylib"),
            "win-x64" => ("", ".dll"),
            _ => throw new Diagnostics.PruneBuildException("PB0002", hostRid),
        };
        string Native(string package, string name) => packageFolders.TryGetValue(package, out var folder)
            ? Path.Combine(folder, "runtimes", hostRid, "native", prefix + name + suffix)
            : throw new Diagnostics.PruneBuildException("PB0014", string.Join(", ", packageFolders.Values), package);
        var libTorch = $"libtorch-cpu-{hostRid}";
        return new HostNatives(
            Native("microsoft.ml.onnxruntime", "onnxruntime"),
            [Native(libTorch, "c10"), Native(libTorch, "torch_cpu"), Native(libTorch, "torch")],
            Native("torchsharp", "LibTorchSharp"));
    }

    /// <summary>The packages that hold the natives of a host: id and version.</summary>
    public static IReadOnlyList<(string Id, string Version)> Packages(string hostRid) =>
        [("Microsoft.ML.OnnxRuntime", OnnxRuntimeVersion), ("TorchSharp", TorchSharpVersion), ($"libtorch-cpu-{hostRid}", LibTorchVersion)];

    /// <summary>
    /// Makes this process find ONNX Runtime and, from the first <see cref="TorchNatives.Load"/> on, libtorch. Loads nothing yet.
    /// A later call replaces the paths of libraries that are not loaded yet.
    /// </summary>
    /// <param name="cacheFolder">Where a private copy of LibTorchSharp may be kept; created when needed.</param>
    public void Use(string cacheFolder)
    {
        lock (Gate)
        {
            if (onnxRuntimePath is null)
                AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => Resolve(name);
            onnxRuntimePath = OnnxRuntime;
            TorchNatives.Configure(this, cacheFolder);
        }
    }

    private static nint Resolve(string name)
    {
        var plain = Path.GetFileNameWithoutExtension(name);
        if (plain is "onnxruntime" or "libonnxruntime")
            return TorchNatives.LoadLibrary(onnxRuntimePath!);
        return plain switch
        {
            "LibTorchSharp" or "libLibTorchSharp" => TorchNatives.Bridge,
            "torch_cpu" or "torch" or "c10" => TorchNatives.Library(plain),
            _ => 0,
        };
    }
}
