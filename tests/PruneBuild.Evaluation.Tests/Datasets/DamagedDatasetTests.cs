using System.Text;
using CsCheck;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Datasets;

namespace PruneBuild.Evaluation.Tests.Datasets;

/// <summary>Whatever bytes are in the files, the lint reports and never breaks.</summary>
public class DamagedDatasetTests
{
    private static readonly string Good = string.Join('\n',
        """{"id":"a","slice":"common","input":{"text":"one å two","n":[1,2.5e3]},"label":"x","tags":[]}""",
        """{"id":"b","slice":"edge","input":[[1,2],[3,4]],"label":1}""");

    [Fact]
    public void Damaged_cases_are_findings_inside_of_the_file()
    {
        var bytes = Encoding.UTF8.GetBytes(Good);
        using var folder = new TemporaryFolder();
        var path = DatasetFiles.Write(folder, DatasetFiles.NoLimits, ("gate", [Good]));
        (from at in Gen.Int[0, bytes.Length - 1] from value in Gen.Byte from cut in Gen.Int[0, bytes.Length] select (at, value, cut)).Sample(damage =>
        {
            var damaged = bytes.ToArray();
            damaged[damage.at] = damage.value;
            folder.Write("gate.jsonl", [.. damaged[..damage.cut], .. damaged[damage.cut..].AsEnumerable().Reverse().Take(damage.cut % 3)]);
            var lines = File.ReadAllBytes(folder["gate.jsonl"]).Count(one => one == '\n') + 1;
            foreach (var finding in DatasetLint.Of(Dataset.Load(path)).Kept)
            {
                if (finding.Code is not ("PB1053" or "PB1060")) Assert.InRange(finding.Line, 1, lines);
                Assert.True(finding.Column >= 1, finding.ToString());
            }
        }, iter: 400, threads: 1);
    }

    [Fact]
    public void A_damaged_manifest_is_a_coded_error_or_a_dataset()
    {
        using var folder = new TemporaryFolder();
        var bytes = Encoding.UTF8.GetBytes(File.ReadAllText(DatasetFiles.Write(folder, DatasetFiles.NoLimits, ("gate", [Good]))));
        (from at in Gen.Int[0, bytes.Length - 1] from value in Gen.Byte select (at, value)).Sample(damage =>
        {
            var damaged = bytes.ToArray();
            damaged[damage.at] = damage.value;
            try
            {
                Assert.NotNull(Dataset.Load(folder.Write("dataset.json", damaged)));
            }
            catch (PruneBuildException exception)
            {
                Assert.InRange(exception.Diagnostic.Line, 1, 100);
            }
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void Lines_come_back_as_they_were_however_the_stream_is_cut() =>
        (from lines in Gen.String[Gen.Char["ab\r"], 0, 9].Array[0, 20] from piece in Gen.Int[1, 7] from limit in Gen.Int[1, 12] select (lines, piece, limit)).Sample(sample =>
        {
            var text = string.Concat(sample.lines.Select(line => line + "\n"));
            var reader = new BoundedLines(new Pieces(Encoding.UTF8.GetBytes(text), sample.piece), sample.limit);
            foreach (var (number, line) in sample.lines.Index())
            {
                Assert.True(reader.Read());
                Assert.Equal((number + 1, line.Length, line.Length > sample.limit), (reader.Number, (int)reader.Length, reader.IsTooLong));
                var kept = line[..Math.Min(line.Length, sample.limit)];
                Assert.Equal(kept.EndsWith('\r') ? kept[..^1] : kept, Encoding.UTF8.GetString(reader.Line.Span));
            }
            Assert.False(reader.Read());
        });

    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, piece)]);
    }
}
