using System.Text.Json;

namespace PruneBuild.Runtime.Text;

/// <summary>JSON of a tokenizer, and what may be wrong with it.</summary>
internal static class TokenizerFile
{
    /// <summary>Parses a file.</summary>
    /// <exception cref="EdgeModelException">PB6110: it is not JSON.</exception>
    public static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path));
        }
        catch (JsonException exception)
        {
            throw new EdgeModelException(EdgeModelException.TokenizerInvalid, $"{path}({exception.LineNumber + 1},{exception.BytePositionInLine + 1}): it is not JSON: {exception.Message}", exception);
        }
    }

    /// <summary>PB6110.</summary>
    public static EdgeModelException Invalid(string path, string reason) => new(EdgeModelException.TokenizerInvalid, $"{path}: {reason}.");

    /// <summary>PB6111.</summary>
    public static EdgeModelException Unsupported(string path, string place, string kind, string supported) =>
        new(EdgeModelException.TokenizerUnsupported, $"{path}: {place} is '{kind}'; supported: {supported}.");
}
