using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Performance;

/// <summary>Lets one process of the machine measure at a time, so that parallel builds do not disturb each other's times. Ends with the process.</summary>
public sealed class MeasurementLock : IDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _file;

    private MeasurementLock(FileStream file) => _file = file;

    /// <summary>The file that is held, the same for all processes of a user: not in TMPDIR, which every worker sets for itself.</summary>
    public static string DefaultPath => Path.Combine(
        OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) : "/tmp",
        $"prunebuild-measurement-{Environment.UserName}.lock");

    /// <summary>Waits until no other process measures.</summary>
    /// <param name="atMost">How long to wait.</param>
    /// <param name="path">The file; <see cref="DefaultPath"/> without it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="PruneBuildException">PB5041 when another process still measures.</exception>
    public static MeasurementLock Enter(TimeSpan atMost, string? path = null, CancellationToken cancellation = default)
    {
        path ??= DefaultPath;
        var end = TimeProvider.System.GetTimestamp() + (long)(atMost.TotalSeconds * TimeProvider.System.TimestampFrequency);
        while (true)
        {
            try
            {
                return new MeasurementLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (TimeProvider.System.GetTimestamp() < end)
            {
                cancellation.WaitHandle.WaitOne(Wait);
                cancellation.ThrowIfCancellationRequested();
            }
            catch (IOException exception)
            {
                throw new PruneBuildException(Diagnostic.Create("PB5041", Severity.Error, atMost.TotalSeconds, path), exception);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
