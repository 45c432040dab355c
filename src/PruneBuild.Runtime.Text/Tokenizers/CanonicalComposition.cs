using System.Globalization;
using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>
/// The normalization form C of Unicode (UAX #15). .NET's own leaves texts as they are where an app is built without globalization data, and
/// then other tokens would come out.
/// </summary>
internal static class CanonicalComposition
{
    private const string Resource = "PruneBuild.Runtime.Text.canonical-composition.txt";
    private const int FirstThatChanges = 0x300;
    private const int HangulSyllables = 0xAC00;
    private const int HangulLeads = 0x1100;
    private const int HangulVowels = 0x1161;
    private const int HangulTrails = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TrailCount = 28;

    private static readonly Lazy<Tables> Data = new(Read);

    /// <summary>Composes a text.</summary>
    /// <param name="text">Without lone surrogates.</param>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', (char)(FirstThatChanges - 1)))
            return text;
        var characters = new List<(int Code, int Class)>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, characters);
        Order(characters);
        return Compose(characters);
    }

    private static void Decompose(int code, List<(int Code, int Class)> characters)
    {
        if (code - HangulSyllables is var syllable and >= 0 && syllable < LeadCount * VowelCount * TrailCount)
        {
            characters.Add((HangulLeads + (syllable / (VowelCount * TrailCount)), 0));
            characters.Add((HangulVowels + (syllable / TrailCount % VowelCount), 0));
            if (syllable % TrailCount > 0)
                characters.Add((HangulTrails + (syllable % TrailCount), 0));
        }
        else if (Data.Value.Decompositions.TryGetValue(code, out var parts))
        {
            Decompose(parts.First, characters);
            if (parts.Second > 0)
                characters.Add((parts.Second, Class(parts.Second)));
        }
        else
            characters.Add((code, Class(code)));
    }

    /// <summary>Marks between two characters of class 0 by their class, without changing the order of equals.</summary>
    private static void Order(List<(int Code, int Class)> characters)
    {
        for (var index = 1; index < characters.Count; index++)
            for (var at = index; at > 0 && characters[at].Class > 0 && characters[at - 1].Class > characters[at].Class; at--)
                (characters[at - 1], characters[at]) = (characters[at], characters[at - 1]);
    }

    private static string Compose(List<(int Code, int Class)> characters)
    {
        var (composed, starter, last) = (new List<int>(characters.Count), -1, 0);
        foreach (var (code, combiningClass) in characters)
        {
            // A mark is blocked by one of its class, or a higher one, between it and its starter.
            var blocked = starter < 0 || (starter < composed.Count - 1 && last >= combiningClass);
            if (!blocked && Composite(composed[starter], code) is { } whole)
            {
                composed[starter] = whole;
                continue;
            }
            if (combiningClass == 0)
                starter = composed.Count;
            last = combiningClass;
            composed.Add(code);
        }
        var text = new StringBuilder(composed.Count);
        Span<char> halves = stackalloc char[2];
        foreach (var code in composed)
            text.Append(halves[..new Rune(code).EncodeToUtf16(halves)]);
        return text.ToString();
    }

    private static int? Composite(int first, int second)
    {
        if (first - HangulLeads is >= 0 and < LeadCount && second - HangulVowels is >= 0 and < VowelCount)
            return HangulSyllables + ((((first - HangulLeads) * VowelCount) + second - HangulVowels) * TrailCount);
        if (first - HangulSyllables is var syllable and >= 0 && syllable < LeadCount * VowelCount * TrailCount && syllable % TrailCount == 0 && second - HangulTrails is > 0 and < TrailCount)
            return first + second - HangulTrails;
        return Data.Value.Compositions.TryGetValue((first, second), out var whole) ? whole : null;
    }

    private static int Class(int code) => Data.Value.Classes.GetValueOrDefault(code);

    private static Tables Read()
    {
        var tables = new Tables([], [], []);
        using var reader = new StreamReader(typeof(CanonicalComposition).Assembly.GetManifestResourceStream(Resource)!);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var words = line.Split(' ');
            if (words[0].Split('-') is [var first, var last])
            {
                for (var code = Code(first); code <= Code(last); code++)
                    tables.Classes[code] = int.Parse(words[1], CultureInfo.InvariantCulture);
                continue;
            }
            var (whole, parts) = (Code(words[0].TrimEnd('!')), (First: Code(words[1]), Second: words.Length > 2 ? Code(words[2]) : 0));
            tables.Decompositions[whole] = parts;
            if (!words[0].EndsWith('!'))
                tables.Compositions[parts] = whole;
        }
        return tables;
    }

    private static int Code(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private sealed record Tables(Dictionary<int, (int First, int Second)> Decompositions, Dictionary<(int First, int Second), int> Compositions, Dictionary<int, int> Classes);
}
