using System.Buffers.Binary;
using System.Text;

namespace PruneBuild.Compression.Natives;

/// <summary>
/// The parts of a 64-bit little-endian ELF file that symbol versioning needs, read from untrusted bytes: every offset is
/// checked against the file. Layout: System V ABI (gABI) chapters 4–5 and the GNU symbol versioning extension (LSB 10.7).
/// </summary>
internal readonly ref struct ElfImage
{
    private const uint DynamicSymbolType = 11;
    private const uint VersionDefinitionType = 0x6ffffffd;
    private const uint VersionNeedType = 0x6ffffffe;
    private const uint VersionSymbolType = 0x6fffffff;
    private const int SectionHeaderBytes = 64;
    private const int MostVersions = 4096;
    internal const int SymbolBytes = 24;

    private readonly ReadOnlySpan<byte> bytes;

    /// <exception cref="InvalidDataException">The bytes are not a 64-bit little-endian ELF file with section headers.</exception>
    public ElfImage(ReadOnlySpan<byte> bytes)
    {
        this.bytes = bytes;
        if (!bytes.StartsWith("\u007fELF"u8) || Take(4, 2) is not [2, 1])
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        if (UInt16(0x3a) != SectionHeaderBytes)
            throw new InvalidDataException("no section headers");
        _ = Take(Int64(0x28), UInt16(0x3c) * (long)SectionHeaderBytes);
    }

    public ushort UInt16(long offset) => BinaryPrimitives.ReadUInt16LittleEndian(Take(offset, 2));

    public uint UInt32(long offset) => BinaryPrimitives.ReadUInt32LittleEndian(Take(offset, 4));

    private long Int64(long offset)
    {
        var value = BinaryPrimitives.ReadInt64LittleEndian(Take(offset, 8));
        return value >= 0 ? value : throw new InvalidDataException($"offset {(ulong)value} lies outside the file");
    }

    private ReadOnlySpan<byte> Take(long offset, long length) =>
        offset >= 0 && length >= 0 && offset <= bytes.Length - length
            ? bytes.Slice((int)offset, (int)length)
            : throw new InvalidDataException($"bytes {offset} to {offset + length} lie outside the file");

    /// <summary>Zero-terminated text inside a string table.</summary>
    public string Text(ElfSection strings, uint offset)
    {
        if (offset >= strings.Length)
            throw new InvalidDataException($"string {offset} lies outside its table");
        var tail = Take(strings.Offset + offset, strings.Length - offset);
        var end = tail.IndexOf((byte)0);
        return end >= 0 ? Encoding.Latin1.GetString(tail[..end]) : throw new InvalidDataException($"string {offset} does not end");
    }

    public ElfSection? DynamicSymbols() => Find(DynamicSymbolType);

    public ElfSection? SymbolVersions() => Find(VersionSymbolType);

    /// <summary>The section a section links to: of symbols and versions, their string table.</summary>
    public ElfSection Linked(ElfSection section) => Section(section.Link);

    /// <summary>Every entry of the version-needed section; empty when there is none.</summary>
    public List<VersionNeed> VersionNeeds()
    {
        var needs = new List<VersionNeed>();
        if (Find(VersionNeedType) is not { } section)
            return needs;
        var strings = Linked(section);
        foreach (var file in Chain(section.Offset, section.End, next: 12, size: 16, MostVersions))
        {
            var name = Text(strings, UInt32(file + 4));
            var count = UInt16(file + 2);
            foreach (var entry in Chain(file + UInt32(file + 8), section.End, next: 12, size: 16, count))
            {
                if (needs.Count == MostVersions)
                    throw new InvalidDataException("too many versions");
                needs.Add(new VersionNeed(entry, name, Text(strings, UInt32(entry + 8)), UInt16(entry + 4), UInt16(entry + 6)));
            }
        }

        return needs;
    }

    /// <summary>The names of every version the file defines.</summary>
    public List<string> VersionDefinitions()
    {
        var names = new List<string>();
        if (Find(VersionDefinitionType) is not { } section)
            return names;
        var strings = Linked(section);
        foreach (var definition in Chain(section.Offset, section.End, next: 16, size: 20, MostVersions))
        {
            var name = definition + UInt32(definition + 12);
            if (name > section.End - 8)
                throw new InvalidDataException("a version definition leaves its section");
            names.Add(Text(strings, UInt32(name)));
        }

        return names;
    }

    // A chain ends at a zero link or at its limit, so a lying file cannot make it endless.
    private List<long> Chain(long first, long end, int next, int size, int limit)
    {
        var offsets = new List<long>();
        for (var offset = first; offsets.Count < limit;)
        {
            if (offset > end - size)
                throw new InvalidDataException("a version entry leaves its section");
            offsets.Add(offset);
            var step = UInt32(offset + next);
            if (step == 0)
                break;
            offset += step;
        }

        return offsets;
    }

    private ElfSection? Find(uint type)
    {
        var count = UInt16(0x3c);
        for (var index = 0u; index < count; index++)
        {
            if (UInt32(HeaderOf(index) + 4) == type)
                return Section(index);
        }

        return null;
    }

    private long HeaderOf(uint index) => checked(Int64(0x28) + ((long)index * SectionHeaderBytes));

    private ElfSection Section(uint index)
    {
        if (index >= UInt16(0x3c))
            throw new InvalidDataException($"section {index} does not exist");
        var header = HeaderOf(index);
        var section = new ElfSection(Int64(header + 24), Int64(header + 32), UInt32(header + 40));
        _ = Take(section.Offset, section.Length);
        return section;
    }
}

/// <summary>Where a section lies in its file, in bytes, and the index of the section it links to.</summary>
internal readonly record struct ElfSection(long Offset, long Length, uint Link)
{
    public long End => Offset + Length;
}

/// <summary>One version that a file needs of another.</summary>
/// <param name="Offset">Where the entry lies in the file.</param>
/// <param name="File">The needed file, e.g. <c>libstdc++.so.6</c>.</param>
/// <param name="Version">The version's name, e.g. <c>GLIBCXX_3.4.32</c>.</param>
/// <param name="Flags">2 marks a weak need, which the loader does not insist on.</param>
/// <param name="Index">The number that symbols of this version carry.</param>
internal readonly record struct VersionNeed(long Offset, string File, string Version, ushort Flags, ushort Index)
{
    public const ushort Weak = 2;

    public bool IsWeak => (Flags & Weak) != 0;
}
