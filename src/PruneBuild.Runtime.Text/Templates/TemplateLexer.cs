using System.Globalization;
using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>Kinds of tokens of a template.</summary>
internal enum TemplateTokenKind
{
    Text,
    OutputBegin,
    OutputEnd,
    BlockBegin,
    BlockEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>A token of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; of strings what they mean.</param>
/// <param name="Position">Where it begins.</param>
internal sealed record TemplateToken(TemplateTokenKind Kind, string Text, TemplatePosition Position);

/// <summary>
/// Cuts a Jinja template into tokens, with the white space that <c>trim_blocks</c> and <c>lstrip_blocks</c> leave, as the publishers of
/// chat templates set them: a newline behind a block goes, and so do spaces between the start of a line and a block.
/// </summary>
internal sealed class TemplateLexer
{
    private static readonly string[] Operators = ["**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",", ".", ":", "|"];

    private readonly string source;
    private readonly List<int> lines = [0];
    private readonly List<TemplateToken> tokens = [];
    private int at;

    private TemplateLexer(string source)
    {
        this.source = source;
        for (var index = 0; index < source.Length; index++)
            if (source[index] == '\n')
                lines.Add(index + 1);
    }

    /// <summary>The tokens of a template; the last is the end.</summary>
    /// <exception cref="TemplateException">A tag or a string does not end, or a character means nothing.</exception>
    public static IReadOnlyList<TemplateToken> Read(string template)
    {
        var source = template.ReplaceLineEndings("\n");
        var lexer = new TemplateLexer(source.EndsWith('\n') ? source[..^1] : source);
        lexer.ReadAll();
        return lexer.tokens;
    }

    private void ReadAll()
    {
        var startsLine = true;
        while (at < source.Length)
        {
            var tag = NextTag();
            var text = source[at..(tag < 0 ? source.Length : tag)];
            if (tag < 0)
            {
                Add(TemplateTokenKind.Text, text, at);
                break;
            }
            var (kind, sign) = (source[tag + 1], tag + 2 < source.Length ? source[tag + 2] : '\0');
            var before = sign == '-' ? text.TrimEnd() : sign == '+' || kind == '{' ? text : WithoutIndent(text, startsLine);
            Add(TemplateTokenKind.Text, before, at);
            at = tag + (sign is '-' or '+' ? 3 : 2);
            ReadTag(kind, tag);
            startsLine = at > 0 && source[at - 1] == '\n';
        }
        tokens.Add(new(TemplateTokenKind.End, "", Position(source.Length)));
    }

    private void ReadTag(char kind, int start)
    {
        if (kind == '#')
        {
            at = source.IndexOf("#}", at, StringComparison.Ordinal);
            if (at < 0)
                throw new TemplateException(Position(start), "a comment does not end");
            Close(2, trims: source[at - 1] != '+', strips: source[at - 1] == '-');
            return;
        }
        var (begin, end, close) = kind == '{' ? (TemplateTokenKind.OutputBegin, TemplateTokenKind.OutputEnd, "}}") : (TemplateTokenKind.BlockBegin, TemplateTokenKind.BlockEnd, "%}");
        tokens.Add(new(begin, "", Position(start)));
        var depth = 0;
        while (true)
        {
            while (at < source.Length && char.IsWhiteSpace(source[at]))
                at++;
            if (at >= source.Length)
                throw new TemplateException(Position(start), "a tag does not end");
            var sign = source[at] is '-' or '+' ? 1 : 0;
            if (depth == 0 && string.CompareOrdinal(source, at + sign, close, 0, 2) == 0)
            {
                var (strips, keeps) = (sign == 1 && source[at] == '-', sign == 1 && source[at] == '+');
                tokens.Add(new(end, "", Position(at)));
                var isRaw = tokens is [.., { Kind: TemplateTokenKind.BlockBegin }, { Kind: TemplateTokenKind.Name, Text: "raw" }, _];
                Close(sign + 2, trims: kind == '%' && !keeps, strips);
                if (isRaw)
                    ReadRaw(start);
                return;
            }
            var token = ReadToken();
            depth += token.Kind != TemplateTokenKind.Operator ? 0 : token.Text is "(" or "[" or "{" ? 1 : token.Text is ")" or "]" or "}" ? -1 : 0;
            tokens.Add(token);
        }
    }

    private void ReadRaw(int start)
    {
        tokens.RemoveRange(tokens.Count - 3, 3);
        for (var tag = at; (tag = source.IndexOf("{%", tag, StringComparison.Ordinal)) >= 0; tag += 2)
        {
            var inner = tag + (source[tag + 2] is '-' or '+' ? 3 : 2);
            var close = source.IndexOf("%}", inner, StringComparison.Ordinal);
            if (close < 0 || source[inner..close].Trim(' ', '\t', '\n', '-', '+') != "endraw")
                continue;
            var text = source[at..tag];
            Add(TemplateTokenKind.Text, source[tag + 2] == '-' ? text.TrimEnd() : text, at);
            at = close;
            Close(2, trims: true, strips: source[close - 1] == '-');
            return;
        }
        throw new TemplateException(Position(start), "raw does not end");
    }

    private void Close(int length, bool trims, bool strips)
    {
        at += length;
        if (strips)
            while (at < source.Length && char.IsWhiteSpace(source[at]))
                at++;
        else if (trims && at < source.Length && source[at] == '\n')
            at++;
    }

    private TemplateToken ReadToken()
    {
        var (start, first) = (at, source[at]);
        if (char.IsAsciiLetter(first) || first == '_')
        {
            while (at < source.Length && (char.IsAsciiLetterOrDigit(source[at]) || source[at] == '_'))
                at++;
            return new(TemplateTokenKind.Name, source[start..at], Position(start));
        }
        if (char.IsAsciiDigit(first))
            return ReadNumber(start);
        if (first is '\'' or '"')
            return ReadString(start);
        var found = Operators.FirstOrDefault(text => string.CompareOrdinal(source, start, text, 0, text.Length) == 0)
            ?? throw new TemplateException(Position(start), $"'{first}' means nothing here");
        at += found.Length;
        return new(TemplateTokenKind.Operator, found, Position(start));
    }

    private TemplateToken ReadNumber(int start)
    {
        while (at < source.Length && char.IsAsciiDigit(source[at]))
            at++;
        var isFloat = at + 1 < source.Length && source[at] == '.' && char.IsAsciiDigit(source[at + 1]);
        if (isFloat)
            for (at++; at < source.Length && char.IsAsciiDigit(source[at]); at++)
                continue;
        var exponent = at + 1 < source.Length && source[at] is ('e' or 'E') ? at + (source[at + 1] is '-' or '+' ? 2 : 1) : source.Length;
        if (exponent < source.Length && char.IsAsciiDigit(source[exponent]))
        {
            isFloat = true;
            for (at = exponent; at < source.Length && char.IsAsciiDigit(source[at]); at++)
                continue;
        }
        return new(isFloat ? TemplateTokenKind.Float : TemplateTokenKind.Integer, source[start..at], Position(start));
    }

    private TemplateToken ReadString(int start)
    {
        var text = new StringBuilder();
        for (at++; at < source.Length && source[at] != source[start]; at++)
        {
            if (source[at] != '\\' || at + 1 == source.Length)
            {
                text.Append(source[at]);
                continue;
            }
            at++;
            text.Append(source[at] switch
            {
                'n' => "\n",
                't' => "\t",
                'r' => "\r",
                'u' => Escaped(4, start),
                'x' => Escaped(2, start),
                '\\' or '\'' or '"' => source[at].ToString(),
                '\n' => "",
                var other => $"\\{other}",
            });
        }
        if (at >= source.Length)
            throw new TemplateException(Position(start), "a string does not end");
        at++;
        return new(TemplateTokenKind.String, text.ToString(), Position(start));
    }

    private string Escaped(int digits, int start)
    {
        if (at + digits >= source.Length || !int.TryParse(source.AsSpan(at + 1, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
            throw new TemplateException(Position(start), "an escape in a string is no number");
        at += digits;
        return ((char)code).ToString();
    }

    private int NextTag()
    {
        for (var tag = at; (tag = source.IndexOf('{', tag)) >= 0; tag++)
            if (tag + 1 < source.Length && source[tag + 1] is '{' or '%' or '#')
                return tag;
        return -1;
    }

    private static string WithoutIndent(string text, bool startsLine)
    {
        var line = text.LastIndexOf('\n') + 1;
        return (line > 0 || startsLine) && string.IsNullOrWhiteSpace(text[line..]) ? text[..line] : text;
    }

    private void Add(TemplateTokenKind kind, string text, int start)
    {
        if (text.Length > 0)
            tokens.Add(new(kind, text, Position(start)));
    }

    private TemplatePosition Position(int index)
    {
        var line = lines.BinarySearch(index);
        line = line < 0 ? ~line - 1 : line;
        return new(line + 1, index - lines[line] + 1);
    }
}
