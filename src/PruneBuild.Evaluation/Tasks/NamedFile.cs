using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>A file that a harness names.</summary>
/// <param name="Name">As written.</param>
/// <param name="Path">Its full path.</param>
/// <param name="NamedAt">Where it is named.</param>
public sealed record NamedFile(string Name, string Path, SourceLocation NamedAt)
{
    /// <exception cref="PruneBuildException">PB1012 or PB1013; PB1030 when it is missing, PB1035 when it is outside the folder.</exception>
    internal static NamedFile Parse(JsonSection section, string key, string folder)
    {
        var (name, at) = (section.Text(key), section.LocationOf(key));
        var path = CasePath.Resolve(folder, name, at);
        return File.Exists(path) ? new NamedFile(name, path, at) : throw at.Error("PB1030", name);
    }

    /// <summary>Null when the key is missing.</summary>
    internal static NamedFile? ParseOptional(JsonSection section, string key, string folder) => section.Has(key) ? Parse(section, key, folder) : null;
}
