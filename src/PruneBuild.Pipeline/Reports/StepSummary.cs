using System.Text;

namespace PruneBuild.Pipeline;

/// <summary>Adds to the summary of a GitHub Actions step, a file that other tools and other builds of the same step add to as well.</summary>
internal static class StepSummary
{
    /// <summary>Less room than this holds nothing worth reading.</summary>
    private const int FewestBytes = 1_000;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Appends as much as there is room for; builds that run at the same time wait for each other.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mostBytes">The most bytes the file may have afterwards.</param>
    /// <param name="write">The text, given the most bytes it may have.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Whether there was room.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static bool Append(string path, int mostBytes, Func<int, string> write, CancellationToken cancellation)
    {
        using var stream = Open(path, cancellation);
        stream.Seek(0, SeekOrigin.End);
        var room = mostBytes - stream.Length - 1;
        if (room < FewestBytes)
            return false;
        // What stands before may not end its last line.
        stream.Write(Encoding.UTF8.GetBytes((stream.Length > 0 ? "\n" : "") + write((int)room)));
        return true;
    }

    private static FileStream Open(string path, CancellationToken cancellation)
    {
        var end = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path) && DateTime.UtcNow < end)
            {
                cancellation.WaitHandle.WaitOne(Poll);
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }
}
