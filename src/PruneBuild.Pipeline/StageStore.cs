namespace PruneBuild.Pipeline;

/// <summary>
/// Finished stages on disk, one folder a key. A folder appears by one rename, so a killed build leaves no half stage;
/// a lock file keeps two builds from doing the same stage at once: the second waits and then finds it done.
/// </summary>
public sealed class StageStore(string folder)
{
    private const string Unfinished = ".tmp";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>A stage used within this time may be in use by another build.</summary>
    private static readonly TimeSpan InUse = TimeSpan.FromHours(1);

    /// <summary>Returns the stage's folder, making it first when it is not there.</summary>
    /// <param name="stage">Stage name.</param>
    /// <param name="key">Content key.</param>
    /// <param name="make">Fills an empty folder.</param>
    /// <param name="cancellation">Ends the wait for another build.</param>
    public string GetOrMake(string stage, string key, Action<string> make, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, $"{stage}-{key}");
        if (Found(path))
            return path;
        using var held = Lock($"{path}.lock", cancellation);
        if (Found(path))
            return path;
        var working = $"{path}{Unfinished}";
        // What a killed build left: nobody else can be in it while we hold the lock.
        if (Directory.Exists(working))
            Directory.Delete(working, recursive: true);
        Directory.CreateDirectory(working);
        try
        {
            make(working);
            Directory.Move(working, path);
        }
        finally
        {
            if (Directory.Exists(working))
                Directory.Delete(working, recursive: true);
        }
        return path;
    }

    /// <summary>Takes a lock file; other processes wait until it is disposed or its holder dies.</summary>
    public static IDisposable Lock(string path, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                cancellation.WaitHandle.WaitOne(Poll);
            }
        }
    }

    /// <summary>Removes what earlier, other keys of a stage left, so that a project's cache does not grow without end.</summary>
    /// <param name="stage">Stage name.</param>
    /// <param name="keep">How many of the most recently used stay: other RIDs and recipes of the project use them.</param>
    public void Trim(string stage, int keep)
    {
        if (!Directory.Exists(folder))
            return;
        var old = new DirectoryInfo(folder).EnumerateDirectories($"{stage}-*")
            .Where(directory => !directory.Name.EndsWith(Unfinished, StringComparison.Ordinal))
            .OrderByDescending(directory => directory.LastWriteTimeUtc)
            .Skip(keep);
        foreach (var directory in old)
            Remove(directory.FullName);
    }

    /// <summary>Whether a stage is there; a use counts as recent, so that no other build trims it now.</summary>
    private static bool Found(string path)
    {
        if (!Directory.Exists(path))
            return false;
        try
        {
            Directory.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Trimmed between the two lines, or not ours to touch.
            return Directory.Exists(path);
        }
    }

    private static void Remove(string path)
    {
        try
        {
            using var held = new FileStream($"{path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            // Asked under the lock: another build may have found the stage since the folders were listed.
            if (Directory.GetLastWriteTimeUtc(path) >= DateTime.UtcNow - InUse)
                return;
            // One rename first: a deletion that is cut short must not leave half a stage under a finished stage's name.
            Directory.Move(path, $"{path}{Unfinished}");
            Directory.Delete($"{path}{Unfinished}", recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another build has it, or removes it right now. A cache that is too large for a while harms nobody.
        }
    }
}
