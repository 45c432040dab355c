namespace PruneBuild.Runtime.Text;

/// <summary>How a <see cref="LanguageModel"/> is opened.</summary>
public sealed record LanguageModelOptions
{
    /// <summary>Whether to run an artifact that the gate did not pass.</summary>
    public bool AllowUngated { get; init; }

    /// <summary>Threads within one operator; 0 lets ONNX Runtime use every physical core.</summary>
    public int Threads { get; init; }

    /// <summary>As <see cref="EdgeModelOptions.WaitActively"/>: a token is hundreds of small operators. False leaves more of a small CPU to others.</summary>
    public bool WaitActively { get; init; } = true;

    /// <summary>Most tokens of a prompt and its continuation; null for what the model's files say. Fewer than that is allowed, more is not.</summary>
    public int? ContextLength { get; init; }

    /// <summary>A folder with the tokenizer, when it is not that of the model; what no file beside the model says about generation is read there too.</summary>
    public string? TokenizerFolder { get; init; }
}
