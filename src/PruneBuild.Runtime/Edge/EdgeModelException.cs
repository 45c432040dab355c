namespace PruneBuild.Runtime;

/// <summary>An artifact that must not, or cannot, be run.</summary>
public sealed class EdgeModelException : Exception
{
    /// <summary>PB6101: there is no artifact folder or manifest of that name.</summary>
    public const string NotFound = "PB6101";

    /// <summary>PB6102: the manifest cannot be read, has an unknown schema or lists impossible files.</summary>
    public const string ManifestInvalid = "PB6102";

    /// <summary>PB6103: a file is missing, or its length or SHA-256 is not the manifest's.</summary>
    public const string IntegrityBroken = "PB6103";

    /// <summary>PB6104: the gate did not pass this artifact.</summary>
    public const string GateNotPassed = "PB6104";

    /// <summary>PB6105: the artifact was built for another processor architecture.</summary>
    public const string WrongArchitecture = "PB6105";

    /// <summary>PB6106: ONNX Runtime could not open the model.</summary>
    public const string SessionFailed = "PB6106";

    /// <summary>PB6107: the model's signature or the given input does not fit <see cref="EdgeModel.Run"/>.</summary>
    public const string InputMismatch = "PB6107";

    /// <summary>PB6108: a recording of cases cannot be read, or is one of another artifact.</summary>
    public const string RecordingInvalid = "PB6108";

    /// <summary>PB6110: a model's folder has no tokenizer, or one that cannot be read.</summary>
    public const string TokenizerInvalid = "PB6110";

    /// <summary>PB6111: the tokenizer is of a kind, or has a part, that is not supported.</summary>
    public const string TokenizerUnsupported = "PB6111";

    /// <summary>PB6112: the tokenizer is another model's: it has tokens that the model has no logits for.</summary>
    public const string VocabularyMismatch = "PB6112";

    /// <summary>PB6113: a prompt leaves no room in the model's context.</summary>
    public const string ContextExceeded = "PB6113";

    /// <summary>PB6114: a chat template is missing, cannot be read, or uses what is not supported.</summary>
    public const string TemplateInvalid = "PB6114";

    /// <summary>PB6115: a setting of a generation, or its prompt, cannot be used.</summary>
    public const string GenerationInvalid = "PB6115";

    /// <summary>PB6116: the model's inputs and outputs are not those of a language model with a cache of keys and values.</summary>
    public const string NotALanguageModel = "PB6116";

    /// <summary>PB6117: the model computed logits that are not numbers, or failed while it ran.</summary>
    public const string GenerationFailed = "PB6117";

    /// <summary>PB6118: the vocabulary has no token for what a constraint demands next.</summary>
    public const string ConstraintUnwritable = "PB6118";

    /// <summary>Creates the exception.</summary>
    /// <param name="code">One of the constants above.</param>
    /// <param name="message">What is wrong, with names and numbers.</param>
    /// <param name="innerException">The cause, if any.</param>
    public EdgeModelException(string code, string message, Exception? innerException = null)
        : base($"{code}: {message}", innerException) => Code = code;

    /// <summary>PB6101 to PB6118.</summary>
    public string Code { get; }
}
