using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace PruneBuild.Runtime.Text;

/// <summary>
/// A language model with its tokenizer and chat template, from an artifact or a plain folder. It may be shared by threads; each text is
/// written by a <see cref="TextGenerator"/> of its own.
/// </summary>
public sealed class LanguageModel : IDisposable
{
    private const string DefaultModelFile = "model.onnx";

    private readonly IDisposable owner;
    private readonly InferenceSession session;
    private readonly DecoderSignature signature;
    private readonly bool inPlace;
    private readonly string folder;
    private readonly TextTokenizer? tokenizer;
    private readonly ChatTemplate? chatTemplate;
    private readonly ConcurrentDictionary<string, TokenTrie> tries = new(StringComparer.Ordinal);

    private LanguageModel(string name, string folder, ModelFiles files, InferenceSession session, IDisposable owner, LanguageModelOptions options)
    {
        (Name, this.folder, this.session, this.owner) = (name, folder, session, owner);
        signature = DecoderSignature.Of(session);
        var texts = options.TokenizerFolder ?? folder;
        tokenizer = TextTokenizer.TryLoad(texts);
        chatTemplate = ChatTemplate.TryLoad(texts);
        if (tokenizer is not null && tokenizer.LargestModelToken >= signature.Vocabulary)
            throw new EdgeModelException(EdgeModelException.VocabularyMismatch,
                $"The tokenizer of '{texts}' has token {tokenizer.LargestModelToken}; the model has logits of {signature.Vocabulary} tokens.");
        ContextLength = Context(files.ContextLength ?? tokenizer?.ContextLength, options.ContextLength);
        EndTokens = [.. files.EndTokens.Concat(tokenizer?.EndToken is { } end ? [end] : []).Where(token => token >= 0 && token < signature.Vocabulary).Distinct().Order()];
        DefaultOptions = files.Options;
        DefaultOptions.Validate();
        inPlace = signature.Cache.Count > 0 && (files.InPlace ?? CacheProbe.AppendsInPlace(session, signature));
    }

    /// <summary>The artifact's name, or the folder's.</summary>
    public string Name { get; }

    /// <summary>Most tokens of a prompt and its continuation together.</summary>
    public int ContextLength { get; }

    /// <summary>Tokens that the model has logits for.</summary>
    public int Vocabulary => signature.Vocabulary;

    /// <summary>Tokens that end a text, ascending.</summary>
    public IReadOnlyList<int> EndTokens { get; }

    /// <summary>How the model's makers sample; greedy where they say nothing.</summary>
    public GenerationOptions DefaultOptions { get; }

    /// <summary>Its tokenizer.</summary>
    /// <exception cref="EdgeModelException">PB6110: there is none.</exception>
    public TextTokenizer Tokenizer => tokenizer ?? throw new EdgeModelException(EdgeModelException.TokenizerInvalid, $"'{folder}' has neither tokenizer.json nor tokenizer.model.");

    /// <summary>How its conversations are written.</summary>
    /// <exception cref="EdgeModelException">PB6114: there is none.</exception>
    public ChatTemplate ChatTemplate => chatTemplate ?? throw new EdgeModelException(EdgeModelException.TemplateInvalid, $"'{folder}' has no chat template.");

    /// <summary>Whether there is a <see cref="Tokenizer"/>.</summary>
    public bool HasTokenizer => tokenizer is not null;

    /// <summary>Whether there is a <see cref="ChatTemplate"/>.</summary>
    public bool HasChatTemplate => chatTemplate is not null;

    /// <summary>Loads an artifact with the checks of <see cref="EdgeModel.Load"/>.</summary>
    /// <param name="name">As there.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="EdgeModelException">PB6101 to PB6106, PB6110 to PB6112, PB6114, PB6116; see the constants of the exception.</exception>
    public static LanguageModel Load(string name, LanguageModelOptions? options = null)
    {
        options ??= new();
        var model = EdgeModel.Load(name, new EdgeModelOptions { AllowUngated = options.AllowUngated, Threads = options.Threads, WaitActively = options.WaitActively });
        return Owned(model, () => new(model.Manifest.Name, model.Folder, ModelFiles.Read(Folders(model.Folder, options)), model.Session, model, options));
    }

    /// <summary>Opens a plain folder, or a model file with its settings beside it, without any check of where it comes from.</summary>
    /// <param name="path">A folder with <c>model.onnx</c>, or the one that <c>genai_config.json</c> names, or an .onnx file.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="EdgeModelException">PB6101: there is no model. PB6106: it cannot be opened. PB6110 to PB6112, PB6114, PB6116: it, or its tokenizer, cannot be used.</exception>
    public static LanguageModel Open(string path, LanguageModelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new();
        path = Path.GetFullPath(path);
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
            throw new EdgeModelException(EdgeModelException.NotFound, $"There is no folder '{folder}'.");
        var files = ModelFiles.Read(Folders(folder, options));
        var file = folder == path ? Path.Combine(folder, files.ModelFile ?? DefaultModelFile) : path;
        if (!File.Exists(file))
            throw new EdgeModelException(EdgeModelException.NotFound, $"There is no model '{file}'.");
        InferenceSession session;
        try
        {
            session = ModelSession.Open(file, options.Threads, options.WaitActively);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new EdgeModelException(EdgeModelException.SessionFailed, $"The model '{file}' cannot be opened: {exception.Message}", exception);
        }
        return Owned(session, () => new(Path.GetFileName(folder), folder, files, session, session, options));
    }

    /// <summary>A writer with a cache of its own. Dispose it before the model.</summary>
    public TextGenerator CreateGenerator() => new(this, new CachedDecoder(session, signature, inPlace, ContextLength));

    /// <summary>The tokens by their bytes, made when they are first asked for.</summary>
    /// <param name="visible">Special tokens that are text.</param>
    /// <exception cref="EdgeModelException">PB6110: there is no tokenizer.</exception>
    internal TokenTrie Tokens(IReadOnlyList<int> visible) =>
        tries.GetOrAdd(string.Join(',', visible.Select(token => token.ToString(CultureInfo.InvariantCulture))), _ => new TokenTrie(Tokenizer, Vocabulary, visible, EndTokens));

    internal bool IsEnd(int token) => EndTokens.Contains(token);

    /// <summary>Closes the session.</summary>
    public void Dispose() => owner.Dispose();

    private static string[] Folders(string folder, LanguageModelOptions options) => options.TokenizerFolder is { } texts ? [folder, texts] : [folder];

    private static LanguageModel Owned(IDisposable owner, Func<LanguageModel> make)
    {
        try
        {
            return make();
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    private static int Context(int? said, int? wished)
    {
        if (wished <= 0 || wished > said)
            throw new EdgeModelException(EdgeModelException.GenerationInvalid, $"ContextLength is {wished}; a number from 1{(said is null ? "" : $" to {said}")} is expected.");
        return wished ?? said ?? throw new EdgeModelException(EdgeModelException.NotALanguageModel, "No file beside the model says how long its context is. Set ContextLength.");
    }
}
