namespace PruneBuild.Runtime.Text;

/// <summary>A part of a grammar over bytes. Parts do not change, but for <see cref="DeferredPart"/>, by which they contain each other in circles.</summary>
internal abstract class GrammarPart
{
    /// <summary>What it is made of.</summary>
    public virtual IReadOnlyList<GrammarPart> Parts => [];

    /// <summary>Certain text.</summary>
    public static GrammarPart Exactly(string text) => new LiteralPart(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>One after another.</summary>
    public static GrammarPart Sequence(params IReadOnlyList<GrammarPart> parts) => parts.Count == 1 ? parts[0] : new SequencePart(parts);

    /// <summary>One of several; of none, nothing fits.</summary>
    public static GrammarPart Choice(params IReadOnlyList<GrammarPart> options) => options.Count == 1 ? options[0] : new ChoicePart(options);

    /// <summary>Perhaps.</summary>
    public static GrammarPart Optional(GrammarPart part) => Repeat(part, 0, 1);

    /// <summary>Several times; without a limit when <paramref name="most"/> is null.</summary>
    public static GrammarPart Repeat(GrammarPart part, int least, int? most = null) => most < least ? Choice([]) : new RepeatedPart(part, least, most ?? RepeatedPart.Unlimited);
}

/// <summary>Bytes one after another.</summary>
internal sealed class LiteralPart(byte[] bytes) : GrammarPart
{
    /// <summary>At least one.</summary>
    public byte[] Bytes => bytes;
}

/// <summary>A byte of a set.</summary>
internal sealed class ByteSetPart : GrammarPart
{
    private readonly bool[] members = new bool[256];

    /// <summary>The bytes of ranges, whose ends belong to them.</summary>
    public ByteSetPart(params ReadOnlySpan<(int First, int Last)> ranges)
    {
        foreach (var (first, last) in ranges)
            members.AsSpan(first, last - first + 1).Fill(true);
    }

    /// <summary>Characters of ASCII.</summary>
    public ByteSetPart(string characters)
    {
        foreach (var character in characters)
            members[character] = true;
    }

    /// <summary>Whether a byte is one of them.</summary>
    public bool Contains(byte value) => members[value];
}

/// <summary>Parts one after another; at least two.</summary>
internal sealed class SequencePart(IReadOnlyList<GrammarPart> parts) : GrammarPart
{
    public override IReadOnlyList<GrammarPart> Parts => parts;
}

/// <summary>One of several parts.</summary>
internal sealed class ChoicePart(IReadOnlyList<GrammarPart> parts) : GrammarPart
{
    public override IReadOnlyList<GrammarPart> Parts => parts;
}

/// <summary>A part several times.</summary>
internal sealed class RepeatedPart(GrammarPart part, int least, int most) : GrammarPart
{
    /// <summary>A <see cref="Most"/> that is none.</summary>
    public const int Unlimited = int.MaxValue;

    public override IReadOnlyList<GrammarPart> Parts { get; } = [part];

    /// <summary>Times that must be.</summary>
    public int Least => least;

    /// <summary>Times that may be.</summary>
    public int Most => most;
}

/// <summary>A part that is said later.</summary>
internal sealed class DeferredPart : GrammarPart
{
    private GrammarPart[] target = [];

    public override IReadOnlyList<GrammarPart> Parts => target;

    /// <summary>Says it.</summary>
    public void Is(GrammarPart part) => target = [part];
}
