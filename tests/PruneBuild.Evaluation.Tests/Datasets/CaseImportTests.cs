using System.Buffers.Binary;
using System.Text;
using CsCheck;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Datasets;

namespace PruneBuild.Evaluation.Tests.Datasets;

public class CaseImportTests
{
    private static readonly ImportMapping Text = new(["question"]) { Id = "key", Label = "class", Slice = "part" };

    [Fact]
    public void Separated_values_become_cases()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Write("in.csv", "key;question;class;part;more\na;\"He said \"\"no\"\";\ntwice\";3;edge;x\nb;två;spam;common;y\n");
        Assert.Equal(2, CaseImport.Csv(source, folder["out/cases.jsonl"], Text));
        Assert.Equal(
            ["""{"id":"a","slice":"edge","input":"He said \"no\";\ntwice","label":3}""", """{"id":"b","slice":"common","input":"två","label":"spam"}"""],
            File.ReadAllLines(folder["out/cases.jsonl"]));
    }

    [Fact]
    public void Several_columns_become_a_list_of_numbers()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Write("in.csv", "y,x1,x2\n0,1.5,2\n1,-3e2,0\n");
        CaseImport.Csv(source, folder["cases.jsonl"], new ImportMapping(["x1", "x2"]) { Label = "y" });
        Assert.Equal(
            ["""{"id":"in-1","slice":"common","input":[1.5,2],"label":0}""", """{"id":"in-2","slice":"common","input":[-300,0],"label":1}"""],
            File.ReadAllLines(folder["cases.jsonl"]));
    }

    [Theory]
    [InlineData("PB1065", "key,text\na,b\n", 1)]
    [InlineData("PB1064", "key,question,class,part\na,b,1,common\nb,c,1\n", 3)]
    [InlineData("PB1034", "key,question,class,part\na,b,1,common\na,c,1,common\n", 3)]
    [InlineData("PB1012", "key,question,class,part\na,b,1,common\nb,\"c\nd\",1,two words\n", 3)]
    [InlineData("PB1012", "key,question,class,part\n,b,1,common\n", 2)]
    [InlineData("PB1064", "key,question,class,part\n", 0)]
    public void A_faulty_row_is_reported_at_its_line_and_nothing_is_written(string code, string text, int line)
    {
        using var folder = new TemporaryFolder();
        var source = folder.Write("in.csv", text);
        var diagnostic = HarnessFiles.Fails(code, () => CaseImport.Csv(source, folder["cases.jsonl"], Text));
        Assert.Equal((source, line), (diagnostic.File, diagnostic.Line));
        Assert.Equal([source], Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public void A_Latin1_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Write("in.csv", [.. "key,question,class,part\na,"u8, 0xE5, .. ",1,common\n"u8]);
        HarnessFiles.Fails("PB1061", () => CaseImport.Csv(source, folder["cases.jsonl"], Text));
    }

    [Fact]
    public void What_is_written_as_separated_values_comes_back()
    {
        var cell = Gen.String[Gen.Char["ab,;\"\n é'|\t"], 0, 12];
        cell.Array[1, 6].Sample(cells =>
        {
            using var folder = new TemporaryFolder();
            var rows = cells.Select((text, index) => $"r{index},\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
            var source = folder.Write("in.csv", "key,question\n" + string.Join('\n', rows) + "\n");
            CaseImport.Csv(source, folder["c.jsonl"], new ImportMapping(["question"]) { Id = "key" });
            var inputs = File.ReadAllLines(folder["c.jsonl"]).Select(line => (string)Newtonsoft.Json.Linq.JObject.Parse(line)["input"]!);
            Assert.Equal(cells, inputs);
        }, iter: 60);
    }

    [Fact]
    public void JSON_lines_with_other_keys_become_cases()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Write("in.jsonl", """{"n":7,"q":{"messages":["hi"]},"y":"spam"}""" + "\n\n" + """{"n":8,"q":[1,2],"y":2}""");
        Assert.Equal(2, CaseImport.Jsonl(source, folder["c.jsonl"], new ImportMapping(["q"]) { Id = "n", Label = "y", DefaultSlice = "edge" }));
        Assert.Equal(
            ["""{"id":"7","slice":"edge","input":{"messages":["hi"]},"label":"spam"}""", """{"id":"8","slice":"edge","input":[1,2],"label":2}"""],
            File.ReadAllLines(folder["c.jsonl"]));

        folder.Write("in.jsonl", """{"n":7,"q":1}""" + "\n" + """{"n":8}""");
        var diagnostic = HarnessFiles.Fails("PB1065", () => CaseImport.Jsonl(source, folder["d.jsonl"], new ImportMapping(["q"]) { Id = "n" }));
        Assert.Equal(("'q' is missing; there are: n.", 2, 1), (diagnostic.Message, diagnostic.Line, diagnostic.Column));
        Assert.False(File.Exists(folder["d.jsonl"]));
    }

    [Fact]
    public void A_NumPy_file_becomes_cases()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Write("in.npy", Npy("<f4", "(2, 3)", [.. new float[] { 1, 2.5f, -3, 4, 5, 6 }.SelectMany(BitConverter.GetBytes)]));
        var labels = folder.Write("l.u8", [4, 2]);
        Assert.Equal(2, CaseImport.Tensors(source, folder["c.jsonl"], labels, null, "edge"));
        Assert.Equal("""{"id":"in-1","slice":"edge","input":[1,2.5,-3],"label":4}""", File.ReadLines(folder["c.jsonl"]).First());
    }

    [Fact]
    public void Raw_bytes_need_a_shape()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Write("in.u8", [1, 2, 3, 4]);
        CaseImport.Tensors(source, folder["c.jsonl"], null, [2, 1], "common");
        Assert.Equal(["""{"id":"in-1","slice":"common","input":[1,2]}""", """{"id":"in-2","slice":"common","input":[3,4]}"""], File.ReadAllLines(folder["c.jsonl"]));
        HarnessFiles.Fails("PB1065", () => CaseImport.Tensors(source, folder["d.jsonl"], null, null, "common"));
        HarnessFiles.Fails("PB1064", () => CaseImport.Tensors(source, folder["d.jsonl"], null, [3], "common"));
    }

    public static TheoryData<byte[]> Unusable => new()
    {
        Array.Empty<byte>(),
        Npy("<f4", "(2, 3)", new byte[23]),
        Npy("<f4", "(2, 3)", new byte[25]),
        Npy("|O", "(2,)", new byte[16]),
        Npy(">f4", "(1,)", new byte[4]),
        Npy("<f4", "()", new byte[4]),
        Npy("<f4", "(99999999999,)", new byte[4]),
        Npy("<f4", "(2, 2147483647, 2147483647)", new byte[4]),
        Npy("<f4", "(1, 1)", BitConverter.GetBytes(float.NaN)),
        Npy("|u1", "(0, 3)", []),
        Npy("<f4", "(2, 3)", new byte[24], version: 9),
        (byte[])[0x93, .. "NUMPY"u8, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF],
        (byte[])[0x93, .. "NUMPY"u8, 1, 0, 0xFF, 0xFF],
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public void An_unusable_NumPy_file_is_PB1064(byte[] bytes)
    {
        using var folder = new TemporaryFolder();
        var source = folder.Write("in.npy", bytes);
        HarnessFiles.Fails("PB1064", () => CaseImport.Tensors(source, folder["c.jsonl"], null, null, "common"));
        Assert.False(File.Exists(folder["c.jsonl"]));
    }

    [Fact]
    public void Damaged_NumPy_files_never_end_in_anything_but_a_coded_error()
    {
        var good = Npy("<f4", "(2, 3)", new byte[24]);
        using var folder = new TemporaryFolder();
        (from at in Gen.Int[0, good.Length - 1] from value in Gen.Byte from length in Gen.Int[0, good.Length] select (at, value, length)).Sample(damage =>
        {
            var bytes = good.ToArray();
            bytes[damage.at] = damage.value;
            var source = folder.Write("in.npy", bytes[..damage.length]);
            try
            {
                Assert.Equal(2, CaseImport.Tensors(source, folder["c.jsonl"], null, null, "common"));
            }
            catch (PruneBuildException exception)
            {
                Assert.Equal("PB1064", exception.Code);
            }
        }, iter: 300, threads: 1);
    }

    private static byte[] Npy(string descriptor, string shape, byte[] data, byte version = 1)
    {
        var header = Encoding.ASCII.GetBytes($"{{'descr': '{descriptor}', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n");
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. header, .. data];
    }
}
