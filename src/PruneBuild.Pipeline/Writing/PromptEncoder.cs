using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Pipeline;

/// <summary>The tokens that a model is given for a prompt: a text as it is, or messages as its chat template writes them.</summary>
/// <param name="tokenizer">Gives the tokenizer; asked for every prompt.</param>
/// <param name="template">Gives the chat template; asked for messages alone.</param>
internal sealed class PromptEncoder(Func<TextTokenizer> tokenizer, Func<ChatTemplate> template)
{
    /// <summary>The tokens of a prompt.</summary>
    /// <exception cref="EdgeModelException">There is no tokenizer, or no template that can write the messages.</exception>
    public IReadOnlyList<int> Encode(WritingPrompt prompt, WritingSettings settings)
    {
        if (prompt.Text is { } text && !settings.PromptsAreChats)
            return tokenizer().Encode(text);
        IEnumerable<TemplateMessage> messages = prompt.Text is { } one ? [new("user", one)] : prompt.Messages.Select(message => new TemplateMessage(message.Role, message.Content));
        // The template writes the special tokens itself.
        return tokenizer().Encode(template().Render(messages), addSpecialTokens: false);
    }

    /// <summary>Counts the tokens of prompts by what lies in a folder, without the model.</summary>
    /// <param name="folder">Gives the folder with tokenizer and chat template; asked when the first prompt is counted.</param>
    public static CountPromptTokens Counting(Func<string> folder)
    {
        var found = new Lazy<string>(folder);
        var tokenizer = new Lazy<TextTokenizer>(() => Coded(found.Value, "*", () => TextTokenizer.Load(found.Value)));
        var template = new Lazy<ChatTemplate>(() => ChatTemplate.Load(found.Value));
        var encoder = new PromptEncoder(() => tokenizer.Value, () => template.Value);
        return (caseId, prompt, settings) => Coded(found.Value, caseId, () => encoder.Encode(prompt, settings).Count);
    }

    /// <summary>Says in our codes what a model that writes says in its own.</summary>
    /// <exception cref="PruneBuildException">PB5025 at the model.</exception>
    public static T Coded<T>(string path, string caseId, Func<T> run)
    {
        try
        {
            return run();
        }
        catch (EdgeModelException exception)
        {
            throw new PruneBuildException(Diagnostic.Create("PB5025", Severity.Error, path, caseId, exception.Message).At(path), exception);
        }
    }
}
