using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Natives;

/// <summary>A symbol version that a shared library needs of another one.</summary>
/// <param name="File">The needed library, e.g. <c>libstdc++.so.6</c>.</param>
/// <param name="Version">The version, e.g. <c>GLIBCXX_3.4.32</c>.</param>
/// <param name="Weak">True when the loader accepts its absence.</param>
public sealed record RequiredVersion(string File, string Version, bool Weak);

/// <summary>
/// GNU symbol versions of ELF files, and the one rewrite that lets LibTorchSharp, built with GCC 13, load on hosts whose
/// libstdc++ is older (Debian 12, Ubuntu 22.04, RHEL 9).
/// </summary>
/// <remarks>
/// The only thing LibTorchSharp takes of GLIBCXX_3.4.32 is <c>std::ios_base_library_init()</c>, which GCC 13 calls where
/// earlier compilers constructed an <c>std::ios_base::Init</c>. The rewrite names that constructor instead (before GCC 13 it
/// does not touch its object) and marks the version need as weak.
/// </remarks>
public static class SymbolVersions
{
    /// <summary>The version that the rewrite removes the need of.</summary>
    public const string RewritableVersion = "GLIBCXX_3.4.32";

    private const string LibraryName = "libLibTorchSharp.so";
    private const string StandardLibrary = "libstdc++.so.6";
    private const string BaseVersion = "GLIBCXX_3.4";
    private const string NewSymbol = "_ZSt21ios_base_library_initv";
    private const string OldSymbol = "_ZNSt8ios_base4InitC1Ev";
    private const ushort IndexMask = 0x7fff;

    /// <summary>The versions a shared library needs (<c>.gnu.version_r</c>), in file order.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a well-formed 64-bit little-endian ELF file.</exception>
    public static IReadOnlyList<RequiredVersion> Required(ReadOnlySpan<byte> elf) =>
        [.. new ElfImage(elf).VersionNeeds().Select(need => new RequiredVersion(need.File, need.Version, need.IsWeak))];

    /// <summary>The versions a shared library provides (<c>.gnu.version_d</c>).</summary>
    /// <exception cref="InvalidDataException">The bytes are not a well-formed 64-bit little-endian ELF file.</exception>
    public static IReadOnlySet<string> Provided(ReadOnlySpan<byte> elf) =>
        new HashSet<string>(new ElfImage(elf).VersionDefinitions(), StringComparer.Ordinal);

    /// <summary>
    /// A copy of LibTorchSharp that does not need <see cref="RewritableVersion"/>. A file that was rewritten before comes
    /// back unchanged.
    /// </summary>
    /// <exception cref="PruneBuildException">PB0012: the file is not built the way the rewrite expects; nothing was guessed.</exception>
    public static byte[] Rewrite(ReadOnlySpan<byte> elf)
    {
        try
        {
            return RewriteChecked(elf);
        }
        catch (Exception reason) when (reason is InvalidDataException or OverflowException)
        {
            throw new PruneBuildException(Diagnostic.Create("PB0012", Severity.Error, RewritableVersion, LibraryName), reason);
        }
    }

    private static byte[] RewriteChecked(ReadOnlySpan<byte> elf)
    {
        var image = new ElfImage(elf);
        var needs = image.VersionNeeds();
        var rewritable = Single(needs, RewritableVersion);
        var target = Single(needs, BaseVersion);
        if (image.DynamicSymbols() is not { } symbols || image.SymbolVersions() is not { } versions)
            throw new InvalidDataException("no versioned symbols");
        var strings = image.Linked(symbols);
        var count = symbols.Length / ElfImage.SymbolBytes;
        if (versions.Length < count * 2)
            throw new InvalidDataException("fewer versions than symbols");

        var carriers = new List<long>();
        var names = new uint[count];
        for (var symbol = 0L; symbol < count; symbol++)
        {
            names[symbol] = image.UInt32(symbols.Offset + (symbol * ElfImage.SymbolBytes));
            if ((image.UInt16(versions.Offset + (symbol * 2)) & IndexMask) == (rewritable.Index & IndexMask))
                carriers.Add(symbol);
        }

        if (carriers.Count == 0 && rewritable.IsWeak)
            return elf.ToArray();
        if (carriers is not [var carrier])
            throw new InvalidDataException($"{carriers.Count} symbols need {RewritableVersion}");
        var name = names[carrier];
        if (image.Text(strings, name) != NewSymbol)
            throw new InvalidDataException("another symbol needs the version");
        if (image.UInt16(symbols.Offset + (carrier * ElfImage.SymbolBytes) + 6) != 0)
            throw new InvalidDataException("the symbol is defined here");
        for (var symbol = 0; symbol < count; symbol++)
        {
            // String tables may share tails; a name inside the one to overwrite would change with it.
            if (symbol != carrier && names[symbol] >= name && names[symbol] <= name + NewSymbol.Length)
                throw new InvalidDataException("the symbol's name is shared");
        }

        var rewritten = elf.ToArray();
        var text = rewritten.AsSpan((int)(strings.Offset + name), NewSymbol.Length);
        text.Clear();
        System.Text.Encoding.ASCII.GetBytes(OldSymbol, text);
        Write(rewritten, rewritable.Offset + 4, (ushort)(rewritable.Flags | VersionNeed.Weak));
        Write(rewritten, versions.Offset + (carrier * 2), target.Index);
        return rewritten;
    }

    private static VersionNeed Single(List<VersionNeed> needs, string version) =>
        needs.Where(need => need.File == StandardLibrary && need.Version == version).ToList() is [var only]
            ? only
            : throw new InvalidDataException($"{version} is not needed exactly once");

    private static void Write(byte[] elf, long offset, ushort value) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan((int)offset, 2), value);
}
