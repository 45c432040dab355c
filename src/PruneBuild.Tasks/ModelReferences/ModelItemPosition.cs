using Microsoft.Build.Framework;
using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks.ModelReferences;

/// <summary>
/// Gives diagnostics that blame a model's item its line. The worker cannot: the line is no part of its request, because an edit
/// above the item must not rebuild the model.
/// </summary>
internal static class ModelItemPosition
{
    /// <summary>Metadata of a model: the project file whose item it is.</summary>
    public const string DefiningProject = "DefiningProject";

    /// <summary>Metadata of a model: the item as that project spells it, after evaluation.</summary>
    public const string Include = "Include";

    /// <summary>The diagnostic with the item's line and column when it blames the defining project as a whole; else as it is.</summary>
    public static Diagnostic Complete(Diagnostic diagnostic, string definingProject, string include)
    {
        if (diagnostic.Line > 0 || diagnostic.File != definingProject)
            return diagnostic;
        var position = new ProjectItemPositions().Find(definingProject, include);
        return diagnostic.At(position.File, position.Line, position.Column);
    }

    /// <inheritdoc cref="Complete(Diagnostic, string, string)"/>
    public static Diagnostic Complete(Diagnostic diagnostic, ITaskItem model) =>
        Complete(diagnostic, model.GetMetadata(DefiningProject), model.GetMetadata(Include));
}
