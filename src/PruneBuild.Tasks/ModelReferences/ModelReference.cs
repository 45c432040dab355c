namespace PruneBuild.Tasks.ModelReferences;

/// <summary>One valid <c>ModelReference</c> item. Paths are absolute.</summary>
/// <param name="Name">Names the intermediate folder and the artifact: the last segment of TargetPath, else the file's or folder's name.</param>
/// <param name="Model">The model file or folder.</param>
/// <param name="Recipe">The recipe file, or null.</param>
/// <param name="Harness">The evaluation harness, or null.</param>
/// <param name="Prune"><c>pattern:sparsity</c> or <c>N:M</c>; null leaves it to the recipe.</param>
/// <param name="Quantize"><c>int8</c> or <c>none</c>; null leaves it to the recipe.</param>
/// <param name="Device">A device of the catalogue, or null for the RID's own.</param>
/// <param name="TargetPath">The artifact's folder, relative to the output folder, with forward slashes.</param>
/// <param name="DefiningProject">The project file whose item it is.</param>
/// <param name="Include">The item as the project spells it, after evaluation.</param>
internal sealed record ModelReference(
    string Name,
    string Model,
    string? Recipe,
    string? Harness,
    string? Prune,
    string? Quantize,
    string? Device,
    string TargetPath,
    string DefiningProject,
    string Include);
