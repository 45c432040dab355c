namespace PruneBuild.Runtime.Text;

/// <summary>A grammar that is ready to be followed. It does not change and may be shared by threads.</summary>
internal sealed class Grammar
{
    private readonly HashSet<GrammarPart> impossible;
    private readonly byte[] classes = new byte[256];
    private readonly List<byte> members = [];

    /// <summary>Looks through the parts of a grammar.</summary>
    public Grammar(GrammarPart root)
    {
        Root = root;
        var parts = Reachable(root);
        impossible = Impossible(parts);
        Classify(parts);
    }

    /// <summary>Where texts begin.</summary>
    public GrammarPart Root { get; }

    /// <summary>Whether any text fits.</summary>
    public bool HasTexts => IsPossible(Root);

    /// <summary>How many classes of bytes there are that no part tells apart; at most 256.</summary>
    public int Classes => members.Count;

    /// <summary>Whether some text fits a part. A part that waits for itself without end has none.</summary>
    public bool IsPossible(GrammarPart part) => impossible.Count == 0 || !impossible.Contains(part);

    /// <summary>The class of a byte.</summary>
    public int ClassOf(byte value) => classes[value];

    /// <summary>The first byte of a class.</summary>
    public byte MemberOf(int byteClass) => members[byteClass];

    private static List<GrammarPart> Reachable(GrammarPart root)
    {
        var (found, known) = (new List<GrammarPart> { root }, new HashSet<GrammarPart> { root });
        for (var index = 0; index < found.Count; index++)
            foreach (var part in found[index].Parts)
                if (known.Add(part))
                    found.Add(part);
        return found;
    }

    /// <summary>The parts that no text fits: the rest of those that texts are found for, from the leaves on.</summary>
    private static HashSet<GrammarPart> Impossible(List<GrammarPart> parts)
    {
        var open = new HashSet<GrammarPart>(parts);
        var users = parts.SelectMany(user => user.Parts, (User, Part) => (User, Part)).ToLookup(pair => pair.Part, pair => pair.User);
        var found = new Stack<GrammarPart>(parts.Where(part => Fits(part, open)));
        while (found.TryPop(out var part))
        {
            if (!open.Remove(part))
                continue;
            foreach (var user in users[part])
                if (open.Contains(user) && Fits(user, open))
                    found.Push(user);
        }
        return open;
    }

    private static bool Fits(GrammarPart part, HashSet<GrammarPart> open) => part switch
    {
        ChoicePart choice => choice.Parts.Any(option => !open.Contains(option)),
        RepeatedPart { Least: 0 } => true,
        _ => part.Parts.All(one => !open.Contains(one)),
    };

    private void Classify(List<GrammarPart> parts)
    {
        foreach (var value in parts.OfType<LiteralPart>().SelectMany(literal => literal.Bytes).Distinct())
            Split(candidate => candidate == value);
        foreach (var set in parts.OfType<ByteSetPart>())
            Split(set.Contains);
        for (var value = 0; value < 256; value++)
            if (classes[value] == members.Count)
                members.Add((byte)value);
    }

    /// <summary>Splits classes that a set has only a part of, and numbers all by their first bytes.</summary>
    private void Split(Func<byte, bool> contains)
    {
        var numbers = new Dictionary<(byte Before, bool In), byte>();
        for (var value = 0; value < 256; value++)
        {
            var key = (classes[value], contains((byte)value));
            if (!numbers.TryGetValue(key, out var number))
                numbers[key] = number = (byte)numbers.Count;
            classes[value] = number;
        }
    }
}
