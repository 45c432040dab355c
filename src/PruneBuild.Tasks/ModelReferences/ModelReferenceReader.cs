using System.Globalization;
using Microsoft.Build.Framework;
using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks.ModelReferences;

/// <summary>Turns <c>ModelReference</c> items into records, and every mistake in them into a diagnostic at its line.</summary>
/// <param name="projectDirectory">The folder that relative paths start from.</param>
/// <param name="projectFile">The file blamed for an item that names no defining project.</param>
internal sealed class ModelReferenceReader(string projectDirectory, string projectFile)
{
    private static readonly string[] Quantizations = ["none", "int8", "int4"];

    private readonly ProjectItemPositions positions = new();
    private readonly List<Diagnostic> diagnostics = [];

    /// <summary>What is wrong with the items read so far.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => diagnostics;

    /// <summary>Reads all items. The result is complete only when <see cref="Diagnostics"/> is empty.</summary>
    public IReadOnlyList<ModelReference> Read(IEnumerable<ITaskItem> items)
    {
        var byName = new Dictionary<string, ITaskItem>(StringComparer.OrdinalIgnoreCase);
        var references = new List<ModelReference>();
        foreach (var item in items)
        {
            var reference = Read(item);
            references.Add(reference);
            if (!byName.TryAdd(reference.Name, item))
                Report(item, null, "PB1004", byName[reference.Name].ItemSpec, item.ItemSpec, reference.Name);
        }
        return references;
    }

    private ModelReference Read(ITaskItem item)
    {
        CheckMetadataNames(item);
        var model = Path.TrimEndingDirectorySeparator(FullPath(item.ItemSpec));
        if (!Path.Exists(model))
            Report(item, null, "PB2001", model);
        else if (ModelFolder.Lacks(model) is { } lack)
            Report(item, null, "PB2020", model, lack);
        var targetPath = TargetPath(item, model);
        return new ModelReference(
            Name: targetPath[(targetPath.LastIndexOf('/') + 1)..],
            Model: model,
            Recipe: ExistingFile(item, ModelReferenceMetadata.Recipe),
            Harness: ExistingFile(item, ModelReferenceMetadata.Harness),
            Prune: Prune(item),
            Quantize: Quantize(item),
            Device: Value(item, ModelReferenceMetadata.Device),
            TargetPath: targetPath,
            DefiningProject: DefiningProject(item),
            Include: item.ItemSpec);
    }

    private void CheckMetadataNames(ITaskItem item)
    {
        foreach (var name in item.CloneCustomMetadata().Keys.Cast<string>().Order(StringComparer.Ordinal))
        {
            if (ModelReferenceMetadata.Names.Contains(name, StringComparer.OrdinalIgnoreCase) || ModelReferenceMetadata.IsForeign(name))
                continue;
            Report(item, name, "PB1001", item.ItemSpec, name, string.Join(", ", ModelReferenceMetadata.Names));
        }
    }

    private string? ExistingFile(ITaskItem item, string metadata)
    {
        if (Value(item, metadata) is not { } value)
            return null;
        var path = FullPath(value);
        if (!File.Exists(path))
            Report(item, metadata, "PB1003", item.ItemSpec, path, metadata);
        return path;
    }

    private string? Prune(ITaskItem item)
    {
        if (Value(item, ModelReferenceMetadata.Prune) is not { } value)
            return null;
        var colon = value.LastIndexOf(':');
        if (IsNOfM(value))
            return value;
        if (colon <= 0 || !double.TryParse(value.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var sparsity))
            ReportValue(item, ModelReferenceMetadata.Prune, value, "Write a pattern and the fraction of zeros, for example 8x4:0.8.");
        else if (!(sparsity is >= 0 and <= 1))
            Report(item, ModelReferenceMetadata.Prune, "PB1014", value[(colon + 1)..]);
        return value;
    }

    /// <summary>N:M says its sparsity itself: 2:4 keeps two of every four weights.</summary>
    private static bool IsNOfM(string value) =>
        value.Split(':') is [var kept, var window]
        && int.TryParse(kept, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        && int.TryParse(window, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private string? Quantize(ITaskItem item)
    {
        if (Value(item, ModelReferenceMetadata.Quantize) is not { } value)
            return null;
        var known = Quantizations.FirstOrDefault(name => name.Equals(value, StringComparison.OrdinalIgnoreCase));
        if (known is null)
            ReportValue(item, ModelReferenceMetadata.Quantize, value, $"Known: {string.Join(", ", Quantizations)}.");
        return known;
    }

    private string TargetPath(ITaskItem item, string model)
    {
        // A dot in a folder's name is no extension: Qwen2.5-0.5B.
        var fromFile = "edge/" + (Directory.Exists(model) ? Path.GetFileName(model) : Path.GetFileNameWithoutExtension(model));
        if (Value(item, ModelReferenceMetadata.TargetPath) is not { } value)
            return fromFile;
        var segments = value.Replace('\\', '/').TrimEnd('/').Split('/');
        var staysInside = !Path.IsPathRooted(value) && !segments.Any(segment => segment is "" or "." or ".." || segment.Contains(':'));
        if (staysInside)
            return string.Join('/', segments);
        ReportValue(item, ModelReferenceMetadata.TargetPath, value, "It must be a folder below the output folder.");
        return fromFile;
    }

    private static string? Value(ITaskItem item, string metadata) =>
        item.GetMetadata(metadata).Trim() is { Length: > 0 } value ? value : null;

    // Backslashes are common in project files; on Unix MSBuild converts them in items but not always in metadata.
    private string FullPath(string path) =>
        Path.GetFullPath(Path.DirectorySeparatorChar == '/' ? path.Replace('\\', '/') : path, projectDirectory);

    private string DefiningProject(ITaskItem item) =>
        item.GetMetadata("DefiningProjectFullPath") is { Length: > 0 } file ? file : projectFile;

    private void ReportValue(ITaskItem item, string metadata, string value, string advice) =>
        Report(item, metadata, "PB1002", item.ItemSpec, value, metadata, advice);

    private void Report(ITaskItem item, string? metadata, string code, params object?[] arguments)
    {
        var position = positions.Find(DefiningProject(item), item.ItemSpec, metadata);
        diagnostics.Add(Diagnostic.Create(code, Severity.Error, arguments).At(position.File, position.Line, position.Column));
    }
}
