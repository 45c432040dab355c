using static PruneBuild.Runtime.Text.GrammarPart;

namespace PruneBuild.Runtime.Text;

/// <summary>The values of JSON Schema's <c>format</c> that can be written: those of .NET's dates, times and GUIDs. Each text is one that exists: no 30th of February.</summary>
internal static class JsonFormatGrammar
{
    private static readonly GrammarPart Digit = new ByteSetPart(('0', '9'));
    private static readonly GrammarPart Hex = new ByteSetPart(('0', '9'), ('a', 'f'));

    // RFC 3339.
    private static readonly GrammarPart Date = Sequence(new ByteSetPart("12"), Digits(3), Exactly("-"), Choice(
        Sequence(Numbers("01", "03", "05", "07", "08", "10", "12"), Exactly("-"), Choice(Day28, Numbers("29", "30", "31"))),
        Sequence(Numbers("04", "06", "09", "11"), Exactly("-"), Choice(Day28, Numbers("29", "30"))),
        Sequence(Exactly("02-"), Day28)));

    private static readonly GrammarPart HourAndMinute = Sequence(Choice(Sequence(new ByteSetPart("01"), Digit), Sequence(Exactly("2"), new ByteSetPart(('0', '3')))), Exactly(":"), Sixty);
    private static readonly GrammarPart Time = Sequence(HourAndMinute, Exactly(":"), Sixty, Optional(Sequence(Exactly("."), Repeat(Digit, 1, 7))));

    // Where on earth it may be: 14 hours at most.
    private static readonly GrammarPart Offset = Choice(Exactly("Z"), Sequence(
        new ByteSetPart("+-"), Choice(Sequence(Choice(Sequence(Exactly("0"), Digit), Numbers("10", "11", "12", "13")), Exactly(":"), Sixty), Exactly("14:00"))));

    private static readonly Dictionary<string, GrammarPart> All = new(StringComparer.Ordinal)
    {
        ["date"] = Quoted(Date),
        ["time"] = Quoted(Time),
        ["date-time"] = Quoted(Sequence(Date, Exactly("T"), Time, Offset)),
        ["uuid"] = Quoted(Sequence(Hexes(8), Exactly("-"), Hexes(4), Exactly("-"), Hexes(4), Exactly("-"), Hexes(4), Exactly("-"), Hexes(12))),
    };

    /// <summary>What there is.</summary>
    public static IEnumerable<string> Names => All.Keys;

    private static GrammarPart Day28 => Choice(Sequence(Exactly("0"), new ByteSetPart(('1', '9'))), Sequence(Exactly("1"), Digit), Sequence(Exactly("2"), new ByteSetPart(('0', '8'))));

    private static GrammarPart Sixty => Sequence(new ByteSetPart(('0', '5')), Digit);

    /// <summary>The texts of a format, or null.</summary>
    public static GrammarPart? Of(string? name) => name is null ? null : All.GetValueOrDefault(name);

    private static GrammarPart Digits(int count) => Repeat(Digit, count, count);

    private static GrammarPart Hexes(int count) => Repeat(Hex, count, count);

    private static GrammarPart Numbers(params string[] numbers) => Choice([.. numbers.Select(Exactly)]);

    private static GrammarPart Quoted(GrammarPart text) => Sequence(Exactly("\""), text, Exactly("\""));
}
