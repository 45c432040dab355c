using PruneBuild.Graph.HuggingFace;

namespace PruneBuild.Pipeline;

/// <summary>The dense parent: an ONNX file as it is, or a folder in Hugging Face layout, imported.</summary>
internal static class SourceStage
{
    private const string Import = "import";

    public static StageResult Run(WorkContext context)
    {
        var files = ParentModel.Files(context);
        if (ParentModel.IsFolder(context.Request.Model))
        {
            var key = context.Key(Import);
            foreach (var file in files)
                key.Add(Path.GetFileName(file.Path), file.Sha256);
            var made = context.Make(Import, key, keep: 2, working => ModelFolder.Import(context.Request.Model, working, told => context.Reporter.Progress(Import, told)));
            // To the stages after it the import is a file as any other: nothing was done to its layers.
            return new StageResult("", made.Key) { Model = made.Model };
        }
        var parent = new StageKey("parent");
        foreach (var file in files)
            parent.Add("model", file.Sha256);
        return new StageResult("", parent.ToString()) { Model = context.Request.Model };
    }
}
