using System.Buffers.Binary;
using System.Text;

namespace PruneBuild.Compression.Tests.Natives;

/// <summary>Writes a minimal shared library with versioned symbols: what the rewrite reads and nothing else.</summary>
internal sealed class SyntheticElf
{
    private readonly List<byte> _strings = [0];

    public List<(string File, string Version, ushort Index, ushort Flags)> Needs { get; } =
    [
        ("libstdc++.so.6", "GLIBCXX_3.4.32", 18, 0),
        ("libstdc++.so.6", "GLIBCXX_3.4", 2, 0),
        ("libc.so.6", "GLIBC_2.34", 3, 0),
    ];

    public List<(string Name, ushort Version, ushort Section)> Symbols { get; } =
    [
        ("", 0, 0),
        ("_ZSt21ios_base_library_initv", 18, 0),
        ("puts", 3, 0),
        ("own_function", 1, 7),
    ];

    public List<string> Definitions { get; } = [];

    /// <summary>Offset of the 3.4.32 entry's flags, of its symbol's version and of its symbol's name, once built.</summary>
    public (int Flags, int Version, int Name) Places { get; private set; }

    public byte[] Build()
    {
        _strings.RemoveRange(1, _strings.Count - 1);
        var symbols = new MemoryStream();
        var versions = new MemoryStream();
        var names = new List<int>();
        foreach (var (name, version, section) in Symbols)
        {
            names.Add((int)AddString(name));
            var entry = new byte[24];
            BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)names[^1]);
            BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(6), section);
            symbols.Write(entry);
            versions.Write(BitConverter.GetBytes(version));
        }

        var needs = BuildNeeds(out var flags);
        var definitions = BuildDefinitions();
        var parts = new (uint Type, byte[] Bytes, uint Link)[]
        {
            (0, [], 0), (3, _strings.ToArray(), 0), (11, symbols.ToArray(), 1), (0x6fffffff, versions.ToArray(), 2),
            (0x6ffffffe, needs, 1), (0x6ffffffd, definitions, 1),
        };
        if (definitions.Length == 0) parts = parts[..^1];
        return Assemble(parts, names[1], flags);
    }

    private byte[] Assemble((uint Type, byte[] Bytes, uint Link)[] parts, int name, int flags)
    {
        var file = new MemoryStream();
        file.Write(new byte[64]);
        var headers = new MemoryStream();
        var offsets = new List<int>();
        foreach (var (type, bytes, link) in parts)
        {
            offsets.Add((int)file.Position);
            var header = new byte[64];
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), type);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), file.Position);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), bytes.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), link);
            headers.Write(header);
            file.Write(bytes);
        }

        Places = (offsets[4] + flags, offsets[3] + 2, offsets[1] + name);
        var start = file.Position;
        file.Write(headers.ToArray());
        var elf = file.ToArray();
        byte[] magic = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        magic.CopyTo(elf, 0);
        BinaryPrimitives.WriteInt64LittleEndian(elf.AsSpan(0x28), start);
        BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan(0x3a), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan(0x3c), (ushort)parts.Length);
        return elf;
    }

    private byte[] BuildNeeds(out int flags)
    {
        var bytes = new List<byte>();
        flags = 0;
        var files = Needs.GroupBy(need => need.File).ToList();
        foreach (var file in files)
        {
            var entries = file.ToList();
            bytes.AddRange(BitConverter.GetBytes((ushort)1));
            bytes.AddRange(BitConverter.GetBytes((ushort)entries.Count));
            bytes.AddRange(BitConverter.GetBytes(AddString(file.Key)));
            bytes.AddRange(BitConverter.GetBytes(16u));
            bytes.AddRange(BitConverter.GetBytes(file == files[^1] ? 0u : (uint)(16 + (16 * entries.Count))));
            foreach (var need in entries)
            {
                if (need.Version == "GLIBCXX_3.4.32") flags = bytes.Count + 4;
                bytes.AddRange(BitConverter.GetBytes(0u));
                bytes.AddRange(BitConverter.GetBytes(need.Flags));
                bytes.AddRange(BitConverter.GetBytes(need.Index));
                bytes.AddRange(BitConverter.GetBytes(AddString(need.Version)));
                bytes.AddRange(BitConverter.GetBytes(need == entries[^1] ? 0u : 16u));
            }
        }

        return [.. bytes];
    }

    private byte[] BuildDefinitions()
    {
        var bytes = new List<byte>();
        foreach (var version in Definitions)
        {
            bytes.AddRange(BitConverter.GetBytes((ushort)1));
            bytes.AddRange(new byte[10]);
            bytes.AddRange(BitConverter.GetBytes(20u));
            bytes.AddRange(BitConverter.GetBytes(version == Definitions[^1] ? 0u : 28u));
            bytes.AddRange(BitConverter.GetBytes(AddString(version)));
            bytes.AddRange(BitConverter.GetBytes(0u));
        }

        return [.. bytes];
    }

    private uint AddString(string text)
    {
        if (text.Length == 0) return 0;
        var offset = (uint)_strings.Count;
        _strings.AddRange(Encoding.ASCII.GetBytes(text + "\0"));
        return offset;
    }
}
