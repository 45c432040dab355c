using System.Collections;
using Microsoft.Build.Framework;

namespace PruneBuild.Tasks.Tests.Infrastructure;

/// <summary>An item as MSBuild hands it to a task: with the project that defines it, which MSBuild's own TaskItem cannot be given.</summary>
internal sealed class ProjectItem(string include, string definingProject, params (string Name, string Value)[] metadata) : ITaskItem
{
    private readonly Dictionary<string, string> custom = metadata.ToDictionary(entry => entry.Name, entry => entry.Value, StringComparer.OrdinalIgnoreCase);

    public string ItemSpec { get; set; } = include;

    public ICollection MetadataNames => custom.Keys;

    public int MetadataCount => custom.Count;

    public string GetMetadata(string metadataName) =>
        metadataName == "DefiningProjectFullPath" ? definingProject : custom.GetValueOrDefault(metadataName, "");

    public void SetMetadata(string metadataName, string metadataValue) => custom[metadataName] = metadataValue;

    public void RemoveMetadata(string metadataName) => custom.Remove(metadataName);

    public void CopyMetadataTo(ITaskItem destinationItem)
    {
        foreach (var (name, value) in custom)
            destinationItem.SetMetadata(name, value);
    }

    public IDictionary CloneCustomMetadata() => new Dictionary<string, string>(custom);
}
