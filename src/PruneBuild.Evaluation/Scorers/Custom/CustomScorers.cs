using System.Reflection;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>Scorers from an assembly of the user. They run in the worker, never in the MSBuild process.</summary>
public static class CustomScorers
{
    /// <summary>Loads every public class that implements <see cref="ICustomScorer"/>, sorted by the name of the class.</summary>
    /// <param name="folder">The folder of the harness, which the assembly must be inside of, links followed.</param>
    /// <param name="assembly">Path of the assembly, relative to the folder.</param>
    /// <param name="namedAt">Where it is named.</param>
    /// <exception cref="PruneBuildException">PB1072 when it is outside the folder, is no assembly, has no scorer, or one that cannot be
    /// created or whose name is unusable.</exception>
    public static IReadOnlyList<ICaseScorer<Generation>> Load(string folder, string assembly, SourceLocation namedAt)
    {
        var file = CasePath.Find(folder, assembly) ?? throw namedAt.Error("PB1072", assembly, "it is not inside the folder of the harness");
        if (!File.Exists(file)) throw namedAt.Error("PB1072", assembly, "the file does not exist");
        try
        {
            var context = new ScorerLoadContext(file, path => CasePath.Find(folder, Path.GetRelativePath(folder, path)) is not null);
            var types = context.LoadScorers().GetExportedTypes().Where(IsScorer).OrderBy(type => type.FullName, StringComparer.Ordinal);
            var scorers = types.Select(Create).ToArray();
            if (scorers.Length == 0) throw Unusable($"it has no public class that implements {nameof(ICustomScorer)} and has a public constructor without parameters");
            if (scorers.GroupBy(scorer => scorer.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
                throw Unusable($"two scorers are named '{twice.Key}'");
            return scorers;
        }
        catch (Exception exception) when (exception is BadImageFormatException or FileLoadException or FileNotFoundException
            or TypeLoadException or ReflectionTypeLoadException or InvalidOperationException)
        {
            throw Unusable(exception.Message.ReplaceLineEndings(" "));
        }

        ICaseScorer<Generation> Create(Type type)
        {
            var (scorer, name) = Instantiate(type);
            if (string.IsNullOrEmpty(name) || !SliceName.IsValid(name)) throw Unusable($"'{name}', the name of {type.FullName}, is no identifier");
            if (ScorerRegistry.Find(name) is not null || Expectation.IsType(name)) throw Unusable($"'{name}' is the name of a scorer of PruneBuild");
            return new CustomScorer(name, scorer);
        }

        (ICustomScorer Scorer, string Name) Instantiate(Type type)
        {
            try
            {
                var scorer = (ICustomScorer)Activator.CreateInstance(type)!;
                return (scorer, scorer.Name);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                var cause = exception is TargetInvocationException { InnerException: { } inner } ? inner : exception;
                throw Unusable($"{type.FullName} cannot be created: {cause.GetType().Name}: {cause.Message.ReplaceLineEndings(" ")}");
            }
        }

        PruneBuildException Unusable(string reason) => namedAt.Error("PB1072", assembly, reason.TrimEnd('.'));
    }

    private static bool IsScorer(Type type) =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
        && typeof(ICustomScorer).IsAssignableFrom(type)
        && type.GetConstructor(Type.EmptyTypes) is not null;
}
