using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>Reads JSON objects whose tokens know the line and column of their first character (<see cref="IJsonLineInfo"/>).</summary>
public static class LocatedJson
{
    private static readonly JsonLoadSettings Settings = new()
    {
        CommentHandling = CommentHandling.Ignore,
        LineInfoHandling = LineInfoHandling.Load,
        DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error,
    };

    /// <summary>Reads the object in the file. Comments are allowed; duplicate keys and text after the object are not.</summary>
    /// <exception cref="PruneBuildException">PB1010 at the line and column where the file stops being JSON.</exception>
    public static JObject Load(string file) => Parse(File.ReadAllText(file), file);

    /// <summary>As <see cref="Load"/>, for text that came from <paramref name="file"/>.</summary>
    /// <exception cref="PruneBuildException">PB1010.</exception>
    public static JObject Parse(string text, string file) => Parse(text, file, firstLine: 1);

    /// <summary>As <see cref="Load"/>, for text that starts on a line of <paramref name="file"/>.</summary>
    /// <exception cref="PruneBuildException">PB1010.</exception>
    internal static JObject Parse(string text, string file, int firstLine)
    {
        using var reader = new TokenStartReader(text, firstLine) { DateParseHandling = DateParseHandling.None };
        try
        {
            var json = JObject.Load(reader, Settings);
            while (reader.Read())
            {
                if (reader.TokenType != JsonToken.Comment)
                    throw new JsonReaderException("Text after the end of the object.", "", firstLine + reader.LineNumber - 1, reader.LinePosition, null);
            }
            return json;
        }
        catch (JsonReaderException exception)
        {
            throw Malformed(exception, file);
        }
    }

    /// <summary>The place of a token that was loaded here.</summary>
    public static SourceLocation Locate(JToken token, string file)
    {
        var info = (IJsonLineInfo)token;
        return info.HasLineInfo() ? new SourceLocation(file, info.LineNumber, info.LinePosition) : new SourceLocation(file, 0, 0);
    }

    internal static PruneBuildException Malformed(JsonReaderException exception, string file)
    {
        // Newtonsoft ends its sentences with the position, which the diagnostic carries already.
        var end = exception.Message.IndexOf(" Path '", StringComparison.Ordinal);
        var sentence = end < 0 ? exception.Message : exception.Message[..end];
        var diagnostic = Diagnostic.Create("PB1010", Severity.Error, sentence)
            .At(file, Math.Max(1, exception.LineNumber), Math.Max(1, exception.LinePosition));
        return new PruneBuildException(diagnostic, exception);
    }
}
