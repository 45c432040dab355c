using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Counts the tokens of a harness's prompts outside a build.</summary>
public static class PromptTokens
{
    /// <summary>By the tokenizer of a dense parent, which its candidates share.</summary>
    /// <param name="parentModel">The ONNX file, with its tokenizer beside it, or a folder in Hugging Face layout.</param>
    public static CountPromptTokens Of(string parentModel) =>
        PromptEncoder.Counting(() => ParentModel.IsFolder(parentModel) ? parentModel : Path.GetDirectoryName(Path.GetFullPath(parentModel))!);
}
