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
        var old = $"{target}.{Guid.NewGuid():N}.old";
        var hadOld = Directory.Exists(target);
        if (hadOld)
            Directory.Move(target, old);
        try
        {
            Directory.Move(finished, target);
        }
        catch when (hadOld)
        {
            Directory.Move(old, target);
            throw;
        }
        if (hadOld)
            Directory.Delete(old, recursive: true);
    }
}
