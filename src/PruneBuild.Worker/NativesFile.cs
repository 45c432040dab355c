using Newtonsoft.Json;
using PruneBuild.Compression.Natives;
using PruneBuild.Diagnostics;

namespace PruneBuild.Worker;

/// <summary>The content of <c>natives.json</c>: where the build found the packages with native libraries.</summary>
internal sealed record NativesFile(string HostRid, IReadOnlyDictionary<string, string> Packages, string CacheFolder)
{
    /// <summary>Makes the natives of the file loadable; loads nothing yet.</summary>
    public static void Use(string path)
    {
        try
        {
            var natives = JsonConvert.DeserializeObject<NativesFile>(File.ReadAllText(path));
            if (natives is not { HostRid: not null, Packages: not null, CacheFolder: not null })
                throw new PruneBuildException("PB9005", $"'{path}' does not say where the native libraries are");
            HostNatives.FromPackageFolders(natives.Packages, natives.HostRid).Use(natives.CacheFolder);
        }
        catch (JsonException exception)
        {
            throw new PruneBuildException(Diagnostic.Create("PB9005", Severity.Error, $"'{path}': {exception.Message}"), exception);
        }
    }
}
