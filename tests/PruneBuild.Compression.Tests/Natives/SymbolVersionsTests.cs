using System.Buffers.Binary;
using System.Text;
using CsCheck;
using PruneBuild.Compression.Natives;
using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Tests.Natives;

public sealed class SymbolVersionsTests
{
    private static string Code(byte[] elf) => Assert.Throws<PruneBuildException>(() => SymbolVersions.Rewrite(elf)).Code;

    [Fact]
    public void Required_lists_every_version_of_every_file() =>
        Assert.Equal(
            [new RequiredVersion("libstdc++.so.6", "GLIBCXX_3.4.32", false), new("libstdc++.so.6", "GLIBCXX_3.4", false), new("libc.so.6", "GLIBC_2.34", false)],
            SymbolVersions.Required(new SyntheticElf().Build()));

    [Fact]
    public void Provided_lists_the_defined_versions() =>
        Assert.Equal(
            ["GLIBCXX_3.4", "GLIBCXX_3.4.30"],
            SymbolVersions.Provided(new SyntheticElf { Definitions = { "GLIBCXX_3.4", "GLIBCXX_3.4.30" } }.Build()).Order());

    [Fact]
    public void Rewrite_changes_the_flag_the_name_and_the_version_and_no_other_byte()
    {
        var synthetic = new SyntheticElf();
        var elf = synthetic.Build();
        var rewritten = SymbolVersions.Rewrite(elf);
        var (flags, version, name) = synthetic.Places;
        Assert.Equal(2, BinaryPrimitives.ReadUInt16LittleEndian(rewritten.AsSpan(flags)));
        Assert.Equal(2, BinaryPrimitives.ReadUInt16LittleEndian(rewritten.AsSpan(version)));
        Assert.Equal("_ZNSt8ios_base4InitC1Ev\0\0\0\0\0\0", Encoding.ASCII.GetString(rewritten, name, 29));
        var changed = Enumerable.Range(0, elf.Length).Where(offset => elf[offset] != rewritten[offset]);
        Assert.All(changed, offset => Assert.True((offset >= name && offset < name + 28) || offset / 2 == flags / 2 || offset / 2 == version / 2));
    }

    [Fact]
    public void Rewriting_twice_changes_nothing_more()
    {
        var once = SymbolVersions.Rewrite(new SyntheticElf().Build());
        Assert.Equal(once, SymbolVersions.Rewrite(once));
    }

    [Fact]
    public void A_second_symbol_of_the_version_is_refused()
    {
        var elf = new SyntheticElf();
        elf.Symbols.Add(("_ZSt5otherv", 18, 0));
        Assert.Equal("PB0012", Code(elf.Build()));
    }

    [Fact]
    public void Another_symbol_of_the_version_is_refused()
    {
        var elf = new SyntheticElf();
        elf.Symbols[1] = ("_ZSt22another_function_heree", 18, 0);
        Assert.Equal("PB0012", Code(elf.Build()));
    }

    [Fact]
    public void A_symbol_defined_in_the_file_is_refused()
    {
        var elf = new SyntheticElf();
        elf.Symbols[1] = elf.Symbols[1] with { Section = 4 };
        Assert.Equal("PB0012", Code(elf.Build()));
    }

    [Fact]
    public void A_name_that_another_symbol_shares_is_refused()
    {
        var synthetic = new SyntheticElf();
        var elf = synthetic.Build();
        // Let "puts" be the tail "v" of the name that would be overwritten: symbol 2 of the symbol table, whose section is the third.
        var headers = (int)BinaryPrimitives.ReadInt64LittleEndian(elf.AsSpan(0x28));
        var symbols = (int)BinaryPrimitives.ReadInt64LittleEndian(elf.AsSpan(headers + (2 * 64) + 24));
        var name = BinaryPrimitives.ReadUInt32LittleEndian(elf.AsSpan(symbols + 24));
        BinaryPrimitives.WriteUInt32LittleEndian(elf.AsSpan(symbols + 48), name + 27);
        Assert.Equal("PB0012", Code(elf));
    }

    [Fact]
    public void A_file_without_the_version_is_refused()
    {
        var elf = new SyntheticElf();
        elf.Needs[0] = ("libstdc++.so.6", "GLIBCXX_3.4.33", 18, 0);
        Assert.Equal("PB0012", Code(elf.Build()));
    }

    [Fact]
    public void A_file_without_the_base_version_is_refused()
    {
        var elf = new SyntheticElf();
        elf.Needs.RemoveAt(1);
        Assert.Equal("PB0012", Code(elf.Build()));
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        var elf = new SyntheticElf().Build();
        for (var length = 0; length < elf.Length; length++) Assert.Equal("PB0012", Code(elf[..length]));
    }

    [Fact]
    public void Lying_bytes_are_refused_or_rewritten_and_never_crash()
    {
        var elf = new SyntheticElf().Build();
        Gen.Select(Gen.Int[0, elf.Length - 8], Gen.OneOf(Gen.ULong, Gen.Const(ulong.MaxValue), Gen.Const((ulong)long.MaxValue), Gen.ULong[0, 300])).Sample((offset, value) =>
        {
            var lying = (byte[])elf.Clone();
            BinaryPrimitives.WriteUInt64LittleEndian(lying.AsSpan(offset), value);
            try
            {
                return SymbolVersions.Rewrite(lying).Length == elf.Length;
            }
            catch (PruneBuildException error)
            {
                return error.Code == "PB0012";
            }
        }, iter: 20_000);
    }

    [Fact]
    public void The_real_library_needs_only_the_one_symbol_of_the_version()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the library is for Linux");
        var elf = File.ReadAllBytes(TestNatives.Host.TorchSharp);
        Assert.Contains(new RequiredVersion("libstdc++.so.6", "GLIBCXX_3.4.32", false), SymbolVersions.Required(elf));
        var rewritten = SymbolVersions.Rewrite(elf);
        Assert.Contains(new RequiredVersion("libstdc++.so.6", "GLIBCXX_3.4.32", true), SymbolVersions.Required(rewritten));
        // The debugger's symbol table, which no loader reads, keeps the name.
        Assert.Equal(elf.AsSpan().Count("_ZSt21ios_base_library_initv"u8) - 1, rewritten.AsSpan().Count("_ZSt21ios_base_library_initv"u8));
        Assert.Equal(elf.AsSpan().Count("_ZNSt8ios_base4InitC1Ev"u8) + 1, rewritten.AsSpan().Count("_ZNSt8ios_base4InitC1Ev"u8));
        Assert.InRange(Enumerable.Range(0, elf.Length).Count(offset => elf[offset] != rewritten[offset]), 1, 32);
    }

    [Fact]
    public void Preparing_the_private_copy_at_the_same_time_leaves_one_whole_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the library is for Linux");
        var folder = Path.Combine(Path.GetTempPath(), "prunebuild-copy-" + Guid.NewGuid().ToString("N"));
        try
        {
            var paths = new string[8];
            Parallel.For(0, paths.Length, index => paths[index] = HostCompatibility.Loadable(TestNatives.Host.TorchSharp, folder));
            var path = Assert.Single(paths.Distinct());
            if (path == TestNatives.Host.TorchSharp) return;
            Assert.Equal(SymbolVersions.Rewrite(File.ReadAllBytes(TestNatives.Host.TorchSharp)), File.ReadAllBytes(path));
            Assert.Equal([path], Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }
}
