using System.ComponentModel;

namespace PruneBuild.Tests.EndToEnd;

/// <summary>The repository as a clone of the working tree would have it, in a temporary folder.</summary>
public sealed class FreshClone : IDisposable
{
    private static readonly string[] Outputs = ["bin", "obj", ".git", "feed", "artifacts", "TestResults"];

    public FreshClone()
    {
        foreach (var file in Listed() ?? Found())
        {
            var copy = Path.Combine(Root, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(OnnxRuntimeNative.RepositoryRoot, file), copy);
        }
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("prunebuild-clone-").FullName;

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>What git would clone once the changes are committed; null without git.</summary>
    private static IReadOnlyList<string>? Listed()
    {
        try
        {
            var run = CommandRun.Of(OnnxRuntimeNative.RepositoryRoot, "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z");
            return run.ExitCode == 0
                ? [.. run.Output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(file => File.Exists(Path.Combine(OnnxRuntimeNative.RepositoryRoot, file)))]
                : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static IEnumerable<string> Found()
    {
        var root = OnnxRuntimeNative.RepositoryRoot;
        return Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Intersect(Outputs).Any());
    }
}
