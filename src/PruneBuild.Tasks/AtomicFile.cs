namespace PruneBuild.Tasks;

/// <summary>Writes files so that no reader ever sees half of one.</summary>
internal static class AtomicFile
{
    /// <summary>Replaces the file's content, through a temporary name in the same folder.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Writes only when the content differs, so that timestamps mean something.</summary>
    /// <returns>Whether the file was written.</returns>
    public static bool WriteWhenDifferent(string path, ReadOnlySpan<byte> content)
    {
        if (File.Exists(path) && content.SequenceEqual(File.ReadAllBytes(path)))
            return false;
        Write(path, content);
        return true;
    }
}
