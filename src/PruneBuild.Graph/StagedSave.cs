namespace PruneBuild.Graph;

/// <summary>
/// A save in progress. External data carries its final name inside the model file, so both files are written in a folder of
/// their own, beside the target, and moved when they are whole.
/// </summary>
internal sealed class StagedSave : IDisposable
{
    private readonly string target;
    private readonly DirectoryInfo staging;

    public StagedSave(string target)
    {
        this.target = target;
        var folder = Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(folder);
        staging = Directory.CreateDirectory(Path.Combine(folder, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}"));
        ModelPath = Path.Combine(staging.FullName, Path.GetFileName(target));
    }

    /// <summary>Where to write the model file.</summary>
    public string ModelPath { get; }

    /// <summary>Where to write its external data, if it has any.</summary>
    public string DataPath => ModelPath + ".data";

    /// <summary>Moves what was written in place; when the second file cannot be moved, the first goes back.</summary>
    public void Publish()
    {
        if (!File.Exists(DataPath))
        {
            File.Move(ModelPath, target, overwrite: true);
            return;
        }
        var data = target + ".data";
        var previous = Path.Combine(staging.FullName, "previous");
        if (File.Exists(data))
            File.Move(data, previous);
        try
        {
            File.Move(DataPath, data);
            File.Move(ModelPath, target, overwrite: true);
        }
        catch
        {
            File.Delete(data);
            if (File.Exists(previous))
                File.Move(previous, data);
            throw;
        }
    }

    public void Dispose() => staging.Delete(recursive: true);
}
