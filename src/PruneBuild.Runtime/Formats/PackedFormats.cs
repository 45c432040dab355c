namespace PruneBuild.Runtime;

/// <summary>Every format this version reads and writes: one line a format.</summary>
public static class PackedFormats
{
    /// <summary>All formats, by their header number.</summary>
    public static IReadOnlyList<PackedFormat> All { get; } =
    [
        Block8x4Int8.Format,
        Block8x1Float32.Format,
        Block8x4Int4.Format,
        NofMInt8.TwoOfFour,
        NofMInt8.FourOfSixteen,
        NofMInt8.EightOfSixteen,
        NofMInt4.TwoOfFour,
        NofMInt4.FourOfSixteen,
        NofMInt4.EightOfSixteen,
        NofMOverflowInt8.FourOfSixteen,
        NofMOverflowInt8.EightOfSixteen,
    ];

    /// <summary>The format of that name, or null.</summary>
    public static PackedFormat? Find(string name) => All.FirstOrDefault(format => format.Name == name);

    /// <summary>The format of that header number, or null.</summary>
    public static PackedFormat? Find(int id) => All.FirstOrDefault(format => format.Id == id);
}
