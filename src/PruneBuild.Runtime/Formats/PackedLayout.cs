using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>Where the sections of a packed blob lie. A function of the shape and the counts alone, so a header cannot lie about it.</summary>
internal readonly struct PackedLayout
{
    public const int HeaderBytes = 64;
    public const int MaxSections = 6;
    private const int Alignment = 64;

    private readonly Sections offsets;
    private readonly Sections lengths;

    private PackedLayout(Sections offsets, Sections lengths, long totalBytes) => (this.offsets, this.lengths, TotalBytes) = (offsets, lengths, totalBytes);

    public long TotalBytes { get; }

    /// <summary>Start of a section, a multiple of 64.</summary>
    public long Offset(int section) => offsets[section];

    /// <summary>Bytes of a section, without the padding that follows.</summary>
    public long Length(int section) => lengths[section];

    /// <summary>Lays out a blob: header, then the format's sections, each aligned to 64 bytes; the end is aligned too.</summary>
    public static PackedLayout Of(PackedFormat format, int outputs, int inputs, PackedCounts counts)
    {
        Sections offsets = default, lengths = default;
        format.SectionBytes(outputs, inputs, counts, lengths);
        long end = HeaderBytes;
        for (var section = 0; section < MaxSections; section++)
        {
            offsets[section] = end;
            end = Align(end + lengths[section]);
        }

        return new(offsets, lengths, end);
    }

    private static long Align(long offset) => (offset + Alignment - 1) / Alignment * Alignment;

    [InlineArray(MaxSections)]
    private struct Sections
    {
        private long first;
    }
}
