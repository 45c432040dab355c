namespace PruneBuild.Evaluation.Scorers;

/// <summary>A script, as the blocks of the Unicode Standard that hold its letters.</summary>
/// <param name="Name">Its ISO 15924 code; Jpan and Kore take Han characters along.</param>
/// <param name="Blocks">First and last code points.</param>
internal sealed record WritingSystem(string Name, (int First, int Last)[] Blocks)
{
    private static readonly (int First, int Last)[] HanBlocks =
        [(0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF)];

    /// <summary>The scripts that are told apart.</summary>
    public static IReadOnlyList<WritingSystem> All { get; } =
    [
        new("Latn", [(0x0041, 0x005A), (0x0061, 0x007A), (0x00AA, 0x00AA), (0x00BA, 0x00BA), (0x00C0, 0x024F), (0x0250, 0x02AF), (0x1E00, 0x1EFF), (0x2C60, 0x2C7F), (0xA720, 0xA7FF), (0xFF21, 0xFF5A)]),
        new("Grek", [(0x0370, 0x03FF), (0x1F00, 0x1FFF)]),
        new("Cyrl", [(0x0400, 0x052F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F)]),
        new("Armn", [(0x0530, 0x058F), (0xFB13, 0xFB17)]),
        new("Hebr", [(0x0590, 0x05FF), (0xFB1D, 0xFB4F)]),
        new("Arab", [(0x0600, 0x06FF), (0x0750, 0x077F), (0x0870, 0x08FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)]),
        new("Deva", [(0x0900, 0x097F), (0xA8E0, 0xA8FF)]),
        new("Beng", [(0x0980, 0x09FF)]),
        new("Guru", [(0x0A00, 0x0A7F)]),
        new("Gujr", [(0x0A80, 0x0AFF)]),
        new("Taml", [(0x0B80, 0x0BFF)]),
        new("Telu", [(0x0C00, 0x0C7F)]),
        new("Knda", [(0x0C80, 0x0CFF)]),
        new("Mlym", [(0x0D00, 0x0D7F)]),
        new("Sinh", [(0x0D80, 0x0DFF)]),
        new("Thai", [(0x0E00, 0x0E7F)]),
        new("Laoo", [(0x0E80, 0x0EFF)]),
        new("Geor", [(0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F)]),
        new("Ethi", [(0x1200, 0x139F), (0x2D80, 0x2DDF)]),
        new("Khmr", [(0x1780, 0x17FF)]),
        new("Hani", HanBlocks),
        new("Jpan", [(0x3040, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F), .. HanBlocks]),
        new("Kore", [(0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF), .. HanBlocks]),
    ];

    /// <summary>Whether a letter belongs to the script.</summary>
    public bool Contains(int codePoint)
    {
        foreach (var (first, last) in Blocks)
        {
            if (codePoint >= first && codePoint <= last) return true;
        }
        return false;
    }
}
