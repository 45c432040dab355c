namespace PruneBuild.Pipeline;

/// <summary>
/// Finished stages on disk, one folder a key. A folder appears by one rename, so a killed build leaves no half stage;
/// a lock file keeps two builds from doing the same stage at once: the second waits and then finds it done.
/// </summary>
public sealed class StageStore(string folder)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>The folder of a finished stage, or null.</summary>
    public string? Find(string stage, string key) =>
        Directory.Exists(PathOf(stage, key)) ? PathOf(stage, key) : null;

    /// <summary>Returns the stage's folder, making it first when it is not there.</summary>
    /// <param name="stage">Stage name.</param>
    /// <param name="key">Content key.</param>
    /// <param name="make">Fills an empty folder.</param>
    /// <param name="cancellation">Ends the wait for another build.</param>
    public string GetOrMake(string stage, string key, Action<string> make, CancellationToken cancellation)
    {
        var path = PathOf(stage, key);
        if (Directory.Exists(path))
            return path;
        using var held = Lock($"{path}.lock", cancellation);
        if (Directory.Exists(path))
            return path;
        var working = $"{path}.{Guid.NewGuid():N}.tmp";
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
    /// <param name="keep">How many of the most recent stay: other RIDs and recipes of the project use them.</param>
    public void Trim(string stage, int keep)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var old in new DirectoryInfo(folder).EnumerateDirectories($"{stage}-*")
            .Where(directory => directory.Name.Length == stage.Length + 33)
            .OrderByDescending(directory => directory.LastWriteTimeUtc)
            .Skip(keep))
        {
            old.Delete(recursive: true);
            File.Delete($"{old.FullName}.lock");
        }
    }

    private string PathOf(string stage, string key) => Path.Combine(folder, $"{stage}-{key}");
}
