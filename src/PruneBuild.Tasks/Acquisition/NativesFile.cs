using System.Text.Encodings.Web;
using System.Text.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks.Acquisition;

/// <summary>Tells the worker where the native libraries of the build host are.</summary>
/// <param name="HostRid">The build host.</param>
/// <param name="Packages">Package id in lower case to its folder.</param>
/// <param name="CacheFolder">The user's tool cache.</param>
internal sealed record NativesFile(string HostRid, SortedDictionary<string, string> Packages, string CacheFolder)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    };

    public void Write(string path) => AtomicFile.WriteWhenDifferent(path, JsonSerializer.SerializeToUtf8Bytes(this, Json));
}
