using System.Text;

namespace HomeAssistant.Language;

/// <summary>What a sentence may be used for.</summary>
public enum Split
{
    /// <summary>To train the model.</summary>
    Training,

    /// <summary>To compress it.</summary>
    Calibration,

    /// <summary>To judge it.</summary>
    Gate,
}

/// <summary>Puts every sentence into one split by a hash of its letters and digits, so that no series of seeds can bring it into another.</summary>
public static class Splits
{
    private const ulong Parts = 16;

    /// <summary>The split of a sentence; case, spaces and punctuation make no difference.</summary>
    public static Split Of(string sentence)
    {
        // FNV-1a, and SplitMix64 over it: FNV alone leaves the low bits of short texts uneven.
        var hash = 14695981039346656037;
        foreach (var letter in Encoding.UTF8.GetBytes(string.Concat(sentence.Where(char.IsLetterOrDigit)).ToLowerInvariant()))
            hash = (hash ^ letter) * 1099511628211;
        return (new SplitMix64(hash).NextUInt64() % Parts) switch { 0 => Split.Gate, 1 => Split.Calibration, _ => Split.Training };
    }
}
