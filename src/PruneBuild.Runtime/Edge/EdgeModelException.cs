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

    /// <summary>Creates the exception.</summary>
    /// <param name="code">One of the constants above.</param>
    /// <param name="message">What is wrong, with names and numbers.</param>
    /// <param name="innerException">The cause, if any.</param>
    public EdgeModelException(string code, string message, Exception? innerException = null)
        : base($"{code}: {message}", innerException) => Code = code;

    /// <summary>PB6101 to PB6108.</summary>
    public string Code { get; }
}
