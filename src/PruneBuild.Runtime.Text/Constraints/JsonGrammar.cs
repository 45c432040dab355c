using System.Text.Encodings.Web;
using System.Text.Json;
using static PruneBuild.Runtime.Text.GrammarPart;

namespace PruneBuild.Runtime.Text;

/// <summary>
/// JSON (RFC 8259) as a grammar, as models write it: between tokens a space, or a new line and an indent; numbers that 64 bits hold. So a
/// model that never comes to an end by itself cannot stay between two tokens or in a number.
/// </summary>
internal static class JsonGrammar
{
    /// <summary>How deep values are in values where nothing else says so: half of what System.Text.Json reads.</summary>
    public const int MostDepth = 32;

    private const int MostIndent = 2 * MostDepth;
    private const int MostIntegerDigits = 18;
    private const int MostFractionDigits = 17;
    private const int MostExponentDigits = 2;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly GrammarPart Space = Optional(Choice(Exactly(" "), Sequence(Exactly("\n"), Repeat(new ByteSetPart(" \t"), 0, MostIndent))));
    private static readonly GrammarPart Comma = Sequence(Exactly(","), Space);
    private static readonly GrammarPart Digit = new ByteSetPart(('0', '9'));
    private static readonly GrammarPart Character = Choice(UnescapedPart(), EscapedPart());

    /// <summary>A whole number.</summary>
    public static GrammarPart Integer { get; } = Sequence(
        Optional(Exactly("-")), Choice(Exactly("0"), Sequence(new ByteSetPart(('1', '9')), Repeat(Digit, 0, MostIntegerDigits - 1))));

    /// <summary>Any number.</summary>
    public static GrammarPart Number { get; } = Sequence(
        Integer, Optional(Sequence(Exactly("."), Repeat(Digit, 1, MostFractionDigits))),
        Optional(Sequence(new ByteSetPart("eE"), Optional(new ByteSetPart("+-")), Repeat(Digit, 1, MostExponentDigits))));

    /// <summary>True or false.</summary>
    public static GrammarPart Boolean { get; } = Choice(Exactly("true"), Exactly("false"));

    /// <summary>Null.</summary>
    public static GrammarPart Null { get; } = Exactly("null");

    /// <summary>Any text.</summary>
    public static GrammarPart AnyString { get; } = String(0, null);

    /// <summary>Any value, at most <see cref="MostDepth"/> deep.</summary>
    public static GrammarPart Value { get; } = ValueOf(MostDepth);

    /// <summary>Any object.</summary>
    public static GrammarPart AnyObject { get; } = Map(ValueOf(MostDepth - 1));

    /// <summary>A text of so many characters.</summary>
    public static GrammarPart String(int least, int? most) => Sequence(Exactly("\""), Repeat(Character, least, most), Exactly("\""));

    /// <summary>An object of any names.</summary>
    public static GrammarPart Map(GrammarPart value) => Braces(Optional(Separated(Member(AnyString, value), 0, null)));

    /// <summary>A list of so many items.</summary>
    public static GrammarPart List(GrammarPart item, int least, int? most)
    {
        if (most < least)
            return Choice([]);
        var items = most == 0 ? null : Separated(item, Math.Max(least - 1, 0), most - 1);
        return Sequence([Exactly("["), Space, .. items is null ? [] : new[] { least == 0 ? Optional(items) : items }, Exactly("]")]);
    }

    /// <summary>An object of these names, in this order; some may be left out.</summary>
    public static GrammarPart Object(IReadOnlyList<(string Name, GrammarPart Value, bool IsRequired)> members)
    {
        // From behind: what may follow a member, and what may be there when none was.
        GrammarPart beginning = Exactly("}"), following = Sequence(Space, beginning);
        foreach (var (name, value, required) in members.Reverse())
        {
            var member = Member(Exactly(Quoted(name)), value);
            var (first, next) = (Sequence(member, following), Sequence(Comma, member, following));
            beginning = required ? first : Choice(first, beginning);
            following = required ? next : Choice(next, following);
        }
        return Sequence(Exactly("{"), Space, beginning);
    }

    /// <summary>A certain value.</summary>
    public static GrammarPart Literal(JsonElement value)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Plain))
            value.WriteTo(writer);
        return new LiteralPart(stream.ToArray());
    }

    /// <summary>A text as JSON writes it.</summary>
    public static string Quoted(string text) => $"\"{Plain.Encoder!.Encode(text)}\"";

    private static GrammarPart Member(GrammarPart name, GrammarPart value) => Sequence(name, Exactly(":"), Space, value);

    private static GrammarPart Braces(GrammarPart content) => Sequence(Exactly("{"), Space, content, Exactly("}"));

    /// <summary>One item and so many more, and the space behind the last.</summary>
    private static GrammarPart Separated(GrammarPart item, int leastMore, int? mostMore) => Sequence(item, Repeat(Sequence(Comma, item), leastMore, mostMore), Space);

    private static GrammarPart ValueOf(int depth)
    {
        var value = Choice(AnyString, Number, Boolean, Null, Exactly("{}"), Exactly("[]"));
        for (var level = 1; level < depth; level++)
            value = Choice(AnyString, Number, Boolean, Null, Map(value), List(value, 0, null));
        return value;
    }

    /// <summary>A character for itself: all but quotes, backslashes and control characters, in well-formed UTF-8 (Unicode, table 3-7).</summary>
    private static GrammarPart UnescapedPart()
    {
        var tail = new ByteSetPart((0x80, 0xBF));
        return Choice(
            new ByteSetPart((0x20, 0x21), (0x23, 0x5B), (0x5D, 0x7F)),
            Sequence(new ByteSetPart((0xC2, 0xDF)), tail),
            Sequence(Bytes(0xE0), new ByteSetPart((0xA0, 0xBF)), tail),
            Sequence(new ByteSetPart((0xE1, 0xEC), (0xEE, 0xEF)), tail, tail),
            Sequence(Bytes(0xED), new ByteSetPart((0x80, 0x9F)), tail),
            Sequence(Bytes(0xF0), new ByteSetPart((0x90, 0xBF)), tail, tail),
            Sequence(new ByteSetPart((0xF1, 0xF3)), tail, tail, tail),
            Sequence(Bytes(0xF4), new ByteSetPart((0x80, 0x8F)), tail, tail));
    }

    /// <summary>A character behind a backslash; of a pair of surrogates both.</summary>
    private static GrammarPart EscapedPart()
    {
        GrammarPart hex = new ByteSetPart("0123456789abcdefABCDEF"), d = new ByteSetPart("dD");
        return Sequence(Exactly("\\"), Choice(
            new ByteSetPart("\"\\/bfnrt"),
            Sequence(Exactly("u"), new ByteSetPart("0123456789abcefABCEF"), hex, hex, hex),
            Sequence(Exactly("u"), d, new ByteSetPart("01234567"), hex, hex),
            Sequence(Exactly("u"), d, new ByteSetPart("89abAB"), hex, hex, Exactly("\\u"), d, new ByteSetPart("cdefCDEF"), hex, hex)));
    }

    private static LiteralPart Bytes(params byte[] bytes) => new(bytes);
}
