using System.Reflection;
using System.Runtime.Loader;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// Loads a user's assembly with what lies beside it. What PruneBuild has loaded itself, above all the interface of scorers, is the
/// same for both. Files are read into memory, so the user's next build can replace them.
/// </summary>
/// <param name="path">The assembly.</param>
/// <param name="isAllowed">Whether an assembly that it needs may be loaded from a path.</param>
internal sealed class ScorerLoadContext(string path, Func<string, bool> isAllowed) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
{
    private readonly AssemblyDependencyResolver _resolver = new(path);

    /// <summary>Loads the assembly itself.</summary>
    public Assembly LoadScorers() => Read(path);

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (Default.Assemblies.Any(loaded => loaded.GetName().Name == assemblyName.Name)) return null;
        return _resolver.ResolveAssemblyToPath(assemblyName) is { } file && isAllowed(file) ? Read(file) : null;
    }

    private Assembly Read(string file)
    {
        using var stream = new MemoryStream(File.ReadAllBytes(file));
        return LoadFromStream(stream);
    }
}
