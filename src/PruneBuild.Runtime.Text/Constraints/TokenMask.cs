using System.Numerics;

namespace PruneBuild.Runtime.Text;

/// <summary>A set of tokens.</summary>
internal sealed class TokenMask(int vocabulary)
{
    private readonly ulong[] bits = new ulong[(vocabulary + 63) / 64];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of memory.</summary>
    public int Size => bits.Length * sizeof(ulong);

    /// <summary>Puts a token into the set, in which it is not yet.</summary>
    public void Add(int token)
    {
        bits[token >> 6] |= 1UL << token;
        Count++;
    }

    /// <summary>Makes all other tokens impossible.</summary>
    /// <param name="logits">One of every token.</param>
    public void Apply(Span<float> logits)
    {
        for (var word = 0; word < bits.Length; word++)
        {
            var part = logits[(word << 6)..Math.Min(logits.Length, (word + 1) << 6)];
            if (bits[word] == 0)
                part.Fill(float.NegativeInfinity);
            else
                for (var others = ~bits[word]; others != 0 && BitOperations.TrailingZeroCount(others) is var at && at < part.Length; others &= others - 1)
                    part[at] = float.NegativeInfinity;
        }
    }
}
