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
        Block4x1Float32.Format,
        Block16x1Float32.Format,
        Block4x1Int8Float32.Format,
        Block8x1Int8Float32.Format,
        Block16x1Int8Float32.Format,
        Window2Of4Float32.Format,
        Window1Of8Float32.Format,
        Window2Of8Float32.Format,
        Window4Of8Float32.Format,
        CsrFloat32.Format,
        CsrInt8Float32.Format,
        BitmapFloat32.Format,
        BitmapInt8.Format,
    ];

    /// <summary>The format of that name, or null.</summary>
    public static PackedFormat? Find(string name) => All.FirstOrDefault(format => format.Name == name);

    /// <summary>The format of that header number, or null.</summary>
    public static PackedFormat? Find(int id) => All.FirstOrDefault(format => format.Id == id);
}
