using PruneBuild.Diagnostics;

namespace PruneBuild.Graph;

/// <summary>Keeps edited weights on disk until the model is saved, so that memory holds one of them at a time.</summary>
internal static class WeightSpool
{
    /// <summary>
    /// A file in the temporary folder that nobody else can open; it vanishes with its handle, also when the process is killed.
    /// One a weight: a replaced weight gives its space back.
    /// </summary>
    /// <exception cref="PruneBuildException">PB6002: the temporary folder is full or not writable.</exception>
    public static FileStream Create(long bytes)
    {
        var path = Path.Combine(Path.GetTempPath(), $"prunebuild-{Guid.NewGuid():N}.spool");
        try
        {
            var stream = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
                PreallocationSize = bytes,
            });
            // Outside Windows an open file outlives its name.
            if (!OperatingSystem.IsWindows())
                File.Delete(path);
            return stream;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PruneBuildException("PB6002", path, exception.Message);
        }
    }
}
