using System.Diagnostics;
using System.Globalization;

namespace PruneBuild.Worker;

/// <summary>
/// The worker's temporary files: beside the stages, where there is room for a large model (a temp folder may be memory), and
/// removed when the worker ends. What killed workers left goes as well.
/// </summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string Prefix = "scratch-";

    private readonly string folder;

    public ScratchFolder(string stagesFolder)
    {
        Directory.CreateDirectory(stagesFolder);
        foreach (var abandoned in Directory.EnumerateDirectories(stagesFolder, $"{Prefix}*").Where(IsAbandoned).ToList())
            Delete(abandoned);
        folder = Directory.CreateDirectory(Path.Combine(stagesFolder, $"{Prefix}{Environment.ProcessId}")).FullName;
        // What Path.GetTempPath reads.
        Environment.SetEnvironmentVariable(OperatingSystem.IsWindows() ? "TMP" : "TMPDIR", folder);
    }

    public void Dispose() => Delete(folder);

    private static bool IsAbandoned(string folder)
    {
        if (!int.TryParse(Path.GetFileName(folder)[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return false;
        try
        {
            using var owner = Process.GetProcessById(id);
            return owner.HasExited;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A mapped file is still open on Windows: the next worker removes the folder.
        }
    }
}
