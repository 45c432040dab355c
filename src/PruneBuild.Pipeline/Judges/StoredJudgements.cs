using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using PruneBuild.Evaluation.Judging;

namespace PruneBuild.Pipeline;

/// <summary>
/// Labels of a judge in a file of its own, named for the judge's pin: a line for each question with its hash, the label and a check of
/// both. A line that is damaged, or was cut off, is asked again.
/// </summary>
internal sealed class StoredJudgements : IJudgementStore
{
    private const string Prefix = "judge-";
    private const int Keep = 16;

    private readonly ConcurrentDictionary<string, string> labels = new(StringComparer.Ordinal);
    private readonly Lock writing = new();
    private readonly string path;
    private readonly CancellationToken cancellation;
    private int added;

    /// <param name="folder">Where finished stages are kept.</param>
    /// <param name="pin">The judge's.</param>
    /// <param name="cancellation">Ends the wait for another build.</param>
    public StoredJudgements(string folder, string pin, CancellationToken cancellation)
    {
        this.cancellation = cancellation;
        path = Path.Combine(folder, $"{Prefix}{pin[..32]}.txt");
        if (!File.Exists(path))
            return;
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
        foreach (var line in File.ReadLines(path))
        {
            if (line.Split(' ') is [var question, var label, var check] && check == Check(question, label))
                labels[question] = label;
        }
    }

    /// <summary>How many labels were not there before.</summary>
    public int Added => added;

    /// <inheritdoc/>
    public string? Find(string question) => labels.GetValueOrDefault(question);

    /// <inheritdoc/>
    public void Add(string question, string label)
    {
        labels[question] = label;
        Interlocked.Increment(ref added);
        lock (writing)
        {
            using var held = StageStore.Lock($"{path}.lock", cancellation);
            // Whatever a killed build left at the end stays a line of its own.
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
            file.Write(Encoding.UTF8.GetBytes($"\n{question} {label} {Check(question, label)}"));
        }
    }

    /// <summary>Removes the labels of judges that were not asked for long.</summary>
    public static void Trim(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var old in new DirectoryInfo(folder).EnumerateFiles($"{Prefix}*.txt").OrderByDescending(file => file.LastWriteTimeUtc).Skip(Keep))
            old.Delete();
    }

    private static string Check(string question, string label) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{question} {label}")))[..16];
}
