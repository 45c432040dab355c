using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PruneBuild.Runtime.Text;

/// <summary>A message of a conversation.</summary>
/// <param name="Role">Who says it: <c>system</c>, <c>user</c> or <c>assistant</c>, and what else the template knows.</param>
/// <param name="Content">What is said.</param>
public sealed record TemplateMessage(string Role, string Content)
{
    /// <summary>The tools that an assistant calls with it.</summary>
    public IReadOnlyList<TemplateToolCall> ToolCalls { get; init; } = [];

    /// <summary>The call that a message of the role <c>tool</c> answers, or null.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The tool that answers, or null.</summary>
    public string? Name { get; init; }

    /// <summary>As publishers' templates expect it; what there is not is undefined.</summary>
    internal JsonObject ToJson()
    {
        var message = new JsonObject { ["role"] = Role, ["content"] = Content };
        if (ToolCalls.Count > 0)
            message["tool_calls"] = new JsonArray([.. ToolCalls.Select(call => (JsonNode)new JsonObject
            {
                ["id"] = call.Id,
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments.DeepClone() },
            })]);
        if (ToolCallId is not null)
            message["tool_call_id"] = ToolCallId;
        if (Name is not null)
            message["name"] = Name;
        return message;
    }
}

/// <summary>A call of a tool in a conversation.</summary>
/// <param name="Id">By which its result names it.</param>
/// <param name="Name">Of the tool.</param>
/// <param name="Arguments">By name.</param>
public sealed record TemplateToolCall(string Id, string Name, JsonObject Arguments);

/// <summary>
/// How a model wants a conversation written: the Jinja template of <c>chat_template.jinja</c> or <c>tokenizer_config.json</c>. It is
/// interpreted, runs no code, and its steps and its output are bounded.
/// </summary>
public sealed class ChatTemplate
{
    private const string JinjaFile = "chat_template.jinja";
    private const string JsonFile = "chat_template.json";
    private const string ConfigFile = "tokenizer_config.json";
    private const string Default = "default";

    private readonly IReadOnlyList<TemplateStatement> statements;
    private readonly IReadOnlyDictionary<string, string> specialTokens;
    private readonly string path;
    private readonly string source;
    private readonly Lazy<bool> takesTools;

    private ChatTemplate(string path, string template, IReadOnlyDictionary<string, string> specialTokens)
    {
        (this.path, source, this.specialTokens) = (path, template, specialTokens);
        takesTools = new(WritesTools);
        try
        {
            statements = TemplateParser.Parse(template);
        }
        catch (TemplateException exception)
        {
            throw At(exception);
        }
    }

    /// <summary>Reads a template.</summary>
    /// <param name="template">In Jinja.</param>
    /// <param name="specialTokens">Variables such as <c>bos_token</c>; none when null.</param>
    /// <param name="path">What messages call it.</param>
    /// <exception cref="EdgeModelException">PB6114: it is not a template, or uses what is not supported; line and column say where.</exception>
    public static ChatTemplate Parse(string template, IReadOnlyDictionary<string, string>? specialTokens = null, string path = JinjaFile)
    {
        ArgumentNullException.ThrowIfNull(template);
        return new(path, template, specialTokens ?? new Dictionary<string, string>(StringComparer.Ordinal));
    }

    /// <summary>Reads the template of a folder.</summary>
    /// <param name="folder">With <c>chat_template.jinja</c>, <c>chat_template.json</c> or <c>tokenizer_config.json</c>.</param>
    /// <exception cref="EdgeModelException">PB6114: there is none, it is not a template, or it uses what is not supported.</exception>
    public static ChatTemplate Load(string folder) =>
        TryLoad(folder) ?? throw new EdgeModelException(EdgeModelException.TemplateInvalid, $"'{folder}' has no chat template.");

    /// <summary>Writes a conversation.</summary>
    /// <param name="messages">In order.</param>
    /// <param name="addGenerationPrompt">Whether the beginning of the assistant's next message follows.</param>
    /// <param name="variables">More variables of the template, such as <c>enable_thinking</c> or <c>tools</c>: JSON values.</param>
    /// <param name="clock">What tells the template the time; without one <c>strftime_now</c> is undefined, and the same conversation gives the same text.</param>
    /// <exception cref="EdgeModelException">PB6114: the template refuses the conversation, or fails at a place.</exception>
    public string Render(IEnumerable<TemplateMessage> messages, bool addGenerationPrompt = true, IReadOnlyDictionary<string, JsonNode?>? variables = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var output = new TemplateOutput();
        var scope = new TemplateScope(new TemplateScope(null, output), output);
        foreach (var (name, token) in specialTokens)
            scope.Root[name] = token;
        AddFunctions(scope.Root, clock);
        scope["messages"] = messages.Select(message => TemplateJson.ValueOf(message.ToJson())).ToList();
        scope["add_generation_prompt"] = addGenerationPrompt;
        scope["tools"] = null;
        scope["documents"] = null;
        foreach (var (name, value) in variables ?? new Dictionary<string, JsonNode?>(StringComparer.Ordinal))
            scope[name] = TemplateJson.ValueOf(value);
        try
        {
            TemplateStatement.RunAll(statements, scope);
            return output.Text.ToString();
        }
        catch (TemplateException exception)
        {
            throw At(exception);
        }
        catch (Exception exception) when (exception is OverflowException or InvalidOperationException)
        {
            throw new EdgeModelException(EdgeModelException.TemplateInvalid, $"{path}: {exception.Message}", exception);
        }
    }

    /// <summary>Whether a conversation with tools is written otherwise than without.</summary>
    internal bool TakesTools => takesTools.Value;

    /// <summary>Whether the template contains a text.</summary>
    internal bool Mentions(string text) => source.Contains(text, StringComparison.Ordinal);

    internal static ChatTemplate? TryLoad(string folder)
    {
        var settings = TokenizerSettings.Read(folder);
        if (Path.Combine(folder, JinjaFile) is var jinja && File.Exists(jinja))
            return new(jinja, File.ReadAllText(jinja), settings.SpecialTokens);
        if (Path.Combine(folder, JsonFile) is var json && File.Exists(json))
        {
            using var document = TokenizerFile.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("chat_template", out var text) && text.ValueKind == JsonValueKind.String)
                return new(json, text.GetString()!, settings.SpecialTokens);
        }
        var config = Path.Combine(folder, ConfigFile);
        return settings.ChatTemplates.TryGetValue(Default, out var template) ? new(config, template, settings.SpecialTokens)
            : settings.ChatTemplates.Count == 0 ? null
            : throw new EdgeModelException(EdgeModelException.TemplateInvalid, $"{config}: of the chat templates {string.Join(", ", settings.ChatTemplates.Keys)} none is called '{Default}'.");
    }

    private static void AddFunctions(TemplateScope scope, TimeProvider? clock)
    {
        void Add(string name, Func<TemplateArguments, object?> call) => scope[name] = new TemplateFunction(name, call);
        Add("raise_exception", arguments => throw new FormatException($"the template refuses the conversation: {TemplateValues.Text(arguments.Get(0, "message"))}"));
        Add("range", TemplateRange.Of);
        Add("namespace", arguments =>
        {
            var made = new TemplateNamespace();
            foreach (var (name, value) in arguments.Named)
                made[name] = value;
            return made;
        });
        Add("dict", arguments => TemplateMap.Of(arguments.Named));
        if (clock is not null)
            Add("strftime_now", arguments => TemplateTime.Format(clock.GetLocalNow(), TemplateValues.Text(arguments.Get(0, "format"))));
    }

    private bool WritesTools()
    {
        TemplateMessage[] messages = [new("user", "?")];
        var tools = ToolUse.Declarations([("probe", "A probe.", new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() })]);
        try
        {
            return Render(messages, variables: new Dictionary<string, JsonNode?>(StringComparer.Ordinal) { ["tools"] = tools }) != Render(messages);
        }
        catch (EdgeModelException)
        {
            // It wants another conversation: the one that is asked for will tell.
            return true;
        }
    }

    private EdgeModelException At(TemplateException exception) => new(
        EdgeModelException.TemplateInvalid, string.Create(CultureInfo.InvariantCulture, $"{path}({exception.Position.Line},{exception.Position.Column}): {exception.Message}."), exception);
}
