using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PruneBuild.Diagnostics;
using TorchSharp;

namespace PruneBuild.Compression.Natives;

/// <summary>
/// Loads libtorch by absolute path. It has to happen before anything of <c>torch.*</c> runs: TorchSharp's own search ends in
/// copying 480 MB beside its assembly.
/// </summary>
public static class TorchNatives
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, nint> Loaded = new(StringComparer.Ordinal);
    private static HostNatives? host;
    private static string privateCopies = "";

    /// <summary>True when <see cref="HostNatives.Use"/> was called.</summary>
    public static bool Configured => host is not null;

    /// <summary>Handle of LibTorchSharp; 0 before <see cref="Load"/>.</summary>
    internal static nint Bridge { get; private set; }

    internal static void Configure(HostNatives natives, string cacheFolder)
    {
        lock (Gate)
        {
            if (Bridge == 0)
                (host, privateCopies) = (natives, cacheFolder);
        }
    }

    /// <summary>Loads libtorch once per process.</summary>
    /// <param name="threads">Threads of libtorch's operators; 0 keeps its own choice.</param>
    /// <exception cref="PruneBuildException">PB0012: the host's libstdc++ is too old. PB0013: a library does not load.</exception>
    /// <exception cref="InvalidOperationException"><see cref="HostNatives.Use"/> was not called.</exception>
    public static void Load(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        lock (Gate)
        {
            if (Bridge == 0)
            {
                var natives = host ?? throw new InvalidOperationException("HostNatives.Use comes before libtorch is used.");
                foreach (var library in natives.TorchLibraries)
                {
                    Loaded[Plain(library)] = LoadLibrary(library);
                }

                RequireFile(natives.TorchSharp);
                Bridge = LoadLibrary(HostCompatibility.Loadable(natives.TorchSharp, privateCopies));
            }

            if (threads > 0)
                SetThreads(threads);
        }
    }

    internal static nint Library(string plainName) => Loaded.GetValueOrDefault(plainName);

    /// <summary>Loads one library by absolute path.</summary>
    /// <exception cref="PruneBuildException">PB0013.</exception>
    internal static nint LoadLibrary(string path)
    {
        RequireFile(path);
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception reason) when (reason is DllNotFoundException or BadImageFormatException)
        {
            throw new PruneBuildException(Diagnostic.Create("PB0013", Severity.Error, path, reason.Message), reason);
        }
    }

    private static void RequireFile(string path)
    {
        if (!File.Exists(path))
            throw new PruneBuildException("PB0013", path, "the file does not exist");
    }

    private static string Plain(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return name.StartsWith("lib", StringComparison.Ordinal) ? name[3..] : name;
    }

    // Apart, so that the static constructor of torch cannot run before the libraries are loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SetThreads(int threads) => torch.set_num_threads(threads);
}
