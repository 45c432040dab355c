using PruneBuild.Graph;

namespace PruneBuild.Pipeline;

/// <summary>The dense parent, as a stage that made nothing.</summary>
internal static class SourceStage
{
    public static StageResult Run(WorkContext context)
    {
        using var model = OnnxModel.Load(context.Request.Model);
        var parent = new StageKey("parent");
        foreach (var (file, index) in model.SourceFiles.Select((file, index) => (file, index)))
            parent.Add("model", context.Files.Of(file, index == 0 ? "model" : "external-data").Sha256);
        return new StageResult("", parent.ToString()) { Model = context.Request.Model };
    }
}
