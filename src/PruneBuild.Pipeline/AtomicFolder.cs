namespace PruneBuild.Pipeline;

/// <summary>Replaces folders so that what is there is always whole.</summary>
internal static class AtomicFolder
{
    /// <summary>Puts a finished folder in the place of another; the old one goes only after the new one is there.</summary>
    public static void Replace(string finished, string target)
    {
        Restore(target);
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
    private static void Restore(string target)
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
