namespace PruneBuild.Pipeline;

/// <summary>Writes files and folders that are either whole or not there.</summary>
internal static class AtomicFile
{
    /// <summary>Writes beside the target, then moves over it.</summary>
    public static void WriteAllText(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Puts a finished folder in the place of another; the old one goes only after the new one is there.</summary>
    public static void ReplaceFolder(string finished, string target)
    {
        RestoreFolder(target);
        var old = OldName(target);
        if (Directory.Exists(target))
            Directory.Move(target, old);
        try
        {
            Directory.Move(finished, target);
        }
        catch when (Directory.Exists(old))
        {
            Directory.Move(old, target);
            throw;
        }
        if (Directory.Exists(old))
            Directory.Delete(old, recursive: true);
    }

    /// <summary>Ends a replacement that was cut short: the old folder comes back when the new one never arrived.</summary>
    private static void RestoreFolder(string target)
    {
        var old = OldName(target);
        if (!Directory.Exists(old))
            return;
        if (Directory.Exists(target))
            Directory.Delete(old, recursive: true);
        else
            Directory.Move(old, target);
    }

    private static string OldName(string target) => $"{target}.old";
}
