using Newtonsoft.Json;

namespace PruneBuild.Evaluation;

/// <summary>
/// A <see cref="JsonTextReader"/> whose line information is the first character of the token. Newtonsoft's own is the last one,
/// which is no place for an editor to put the caret.
/// </summary>
/// <param name="text">The whole text, or one line of a JSONL file.</param>
/// <param name="firstLine">1-based number of the line that <paramref name="text"/> starts with.</param>
internal sealed class TokenStartReader(string text, int firstLine = 1) : JsonTextReader(new StringReader(text)), IJsonLineInfo
{
    private List<int>? _lineStarts;
    private bool _reading;

    int IJsonLineInfo.LineNumber => firstLine + Math.Max(LineNumber, 1) - 1;

    // A syntax error is thrown while reading: then the first character that was not accepted is the right place.
    int IJsonLineInfo.LinePosition => _reading ? LinePosition + 1 : StartColumn();

    bool IJsonLineInfo.HasLineInfo() => true;

    public override bool Read()
    {
        _reading = true;
        var read = base.Read();
        _reading = false;
        return read;
    }

    private int StartColumn()
    {
        var lineStart = LineStart(LineNumber);
        var last = lineStart + LinePosition - 1;
        if (last < lineStart || last >= text.Length) return LinePosition;
        var first = TokenType switch
        {
            JsonToken.PropertyName => NameStart(last, lineStart),
            JsonToken.String => StringStart(last, lineStart),
            JsonToken.Integer or JsonToken.Float or JsonToken.Boolean or JsonToken.Null or JsonToken.Undefined => WordStart(last, lineStart),
            _ => last,
        };
        return first - lineStart + 1;
    }

    private int NameStart(int colon, int lineStart)
    {
        var last = colon - 1;
        while (last > lineStart && char.IsWhiteSpace(text[last])) last--;
        return last >= lineStart && text[last] is '"' or '\'' ? StringStart(last, lineStart) : WordStart(last, lineStart);
    }

    private int StringStart(int closingQuote, int lineStart)
    {
        var quote = text[closingQuote];
        for (var i = closingQuote - 1; i >= lineStart; i--)
        {
            if (text[i] != quote) continue;
            var backslashes = 0;
            while (i - 1 - backslashes >= lineStart && text[i - 1 - backslashes] == '\\') backslashes++;
            if (backslashes % 2 == 0) return i;
        }
        return closingQuote;
    }

    private int WordStart(int last, int lineStart)
    {
        var first = last;
        while (first > lineStart && text[first - 1] is not (',' or ':' or '[' or '{' or '/') && !char.IsWhiteSpace(text[first - 1])) first--;
        return first;
    }

    private int LineStart(int line)
    {
        if (_lineStarts is null)
        {
            _lineStarts = [0];
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] == '\n' || (text[i] == '\r' && !(i + 1 < text.Length && text[i + 1] == '\n'))) _lineStarts.Add(i + 1);
            }
        }
        return _lineStarts[Math.Clamp(line - 1, 0, _lineStarts.Count - 1)];
    }
}
