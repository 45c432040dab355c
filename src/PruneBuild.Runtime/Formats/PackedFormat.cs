namespace PruneBuild.Runtime;

/// <summary>A packed sparse weight format: which blocks it stores and the limits of its indexes.</summary>
/// <param name="Name">The name in node attributes and manifests, for example <c>block8x4.int8</c>.</param>
/// <param name="Id">The number in the header of a packed blob.</param>
/// <param name="InputsPerBlock">Consecutive inputs in one stored block; a block always spans 8 outputs and takes 32 bytes.</param>
/// <param name="MaxInputs">The largest number of inputs that 16-bit block indexes reach.</param>
/// <param name="IsQuantized">Whether blocks are int8 with a scale and a zero-point correction per output.</param>
public sealed record PackedFormat(string Name, int Id, int InputsPerBlock, int MaxInputs, bool IsQuantized)
{
    /// <summary>Outputs spanned by one block in every format.</summary>
    public const int OutputsPerBlock = 8;

    /// <summary>Bytes of one block in every format.</summary>
    public const int BlockBytes = 32;

    /// <summary>Every format this version reads and writes.</summary>
    public static IReadOnlyList<PackedFormat> All { get; } = [Block8x4Int8.Format, Block8x1Float32.Format];

    /// <summary>The format of that name, or null.</summary>
    public static PackedFormat? Find(string name) => All.FirstOrDefault(format => format.Name == name);

    /// <summary>The format of that header number, or null.</summary>
    public static PackedFormat? Find(int id) => All.FirstOrDefault(format => format.Id == id);
}
