using System.Text;

namespace PruneBuild.Diagnostics;

/// <summary>Writes whole files or none: a reader never sees half of one.</summary>
public static class AtomicFile
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Replaces the file's content, through a temporary name in the same folder. The folder is made when needed.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var (full, temporary) = Names(path);
        try
        {
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, full, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>The same for content that does not fit into memory; the file is replaced when <paramref name="write"/> returns.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var (full, temporary) = Names(path);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024))
                write(stream);
            File.Move(temporary, full, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>The same for text, UTF-8 without a byte order mark.</summary>
    public static void WriteText(string path, string text) => Write(path, Utf8.GetBytes(text));

    /// <summary>Writes only when the content differs, so that timestamps mean something.</summary>
    /// <returns>Whether the file was written.</returns>
    public static bool WriteWhenDifferent(string path, ReadOnlySpan<byte> content)
    {
        if (File.Exists(path) && content.SequenceEqual(File.ReadAllBytes(path)))
            return false;
        Write(path, content);
        return true;
    }

    private static (string Full, string Temporary) Names(string path)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return (full, $"{full}.{Guid.NewGuid():N}.tmp");
    }
}
