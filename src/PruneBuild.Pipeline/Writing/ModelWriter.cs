using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Pipeline;

/// <summary>A language model that writes, by the likeliest token each time and on an empty cache, so that nothing depends on the case before.</summary>
public sealed class ModelWriter : ITextGenerator
{
    private readonly LanguageModel model;
    private readonly TextGenerator generator;
    private readonly PromptEncoder prompts;
    private readonly string path;

    private ModelWriter(string path, LanguageModel model)
    {
        (this.path, this.model) = (path, model);
        generator = model.CreateGenerator();
        prompts = new PromptEncoder(() => model.Tokenizer, () => model.ChatTemplate);
    }

    /// <summary>Opens a model.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="files">The folder with tokenizer and settings.</param>
    /// <param name="threads">Threads inside an operator.</param>
    /// <exception cref="PruneBuildException">PB5025: it is no language model, or has no tokenizer.</exception>
    public static ModelWriter Open(string path, string files, int threads) => PromptEncoder.Coded(path, "*", () =>
    {
        var model = LanguageModel.Open(path, new LanguageModelOptions { Threads = threads, TokenizerFolder = files });
        try
        {
            _ = model.Tokenizer;
            return new ModelWriter(path, model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    });

    /// <inheritdoc/>
    public WrittenText Write(string caseId, WritingPrompt prompt, WritingSettings settings, CancellationToken cancellation) => PromptEncoder.Coded(path, caseId, () =>
    {
        var options = new GenerationOptions { MaxTokens = settings.MaxTokens, StopStrings = settings.Stop, ReuseCache = false, Constraint = settings.IsJson ? TextConstraint.Json : null };
        var result = generator.Generate(prompts.Encode(prompt, settings), options, cancellation);
        var end = result.End is GenerationEnd.MaxTokens or GenerationEnd.ContextFull ? TextEnd.Length : TextEnd.Stop;
        return new WrittenText(result.Text, result.InputTokens, result.Tokens.Count, end)
        {
            FirstTokenSeconds = result.TimeToFirstToken.TotalSeconds,
            Seconds = result.Duration.TotalSeconds,
        };
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        generator.Dispose();
        model.Dispose();
    }
}
