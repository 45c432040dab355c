using CsCheck;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Generation;

public sealed class StopScannerTests
{
    [Fact]
    public void The_beginning_of_a_stop_string_is_kept_back_until_it_cannot_come_true()
    {
        var scanner = new StopScanner(["</end>"]);
        Assert.Equal("a", scanner.Push("a<"));
        Assert.Equal("", scanner.Push("/en"));
        Assert.Equal("</enx", scanner.Push("x"));
        Assert.Equal("", scanner.Push("</end"));
        Assert.Equal("</end", scanner.Flush());
        Assert.False(scanner.Stopped);
    }

    [Fact]
    public void A_stop_string_in_parts_ends_the_text_before_it()
    {
        var scanner = new StopScanner(["</end>"]);
        Assert.Equal("ab", string.Concat("ab</e".Select(character => scanner.Push(character.ToString()))));
        Assert.Equal("", scanner.Push("nd> more"));
        Assert.True(scanner.Stopped);
    }

    [Fact]
    public void However_a_text_is_cut_it_ends_where_the_first_stop_string_begins() =>
        Gen.Select(Gen.Char["ab"].Array[0, 30], Gen.Char["ab"].Array[1, 4].Array[1, 3], Gen.Int[1, 5]).Sample((characters, stops, size) =>
        {
            var text = new string(characters);
            List<string> strings = [.. stops.Select(stop => new string(stop))];
            var scanner = new StopScanner(strings);
            var written = "";
            foreach (var part in text.Chunk(size))
            {
                written += scanner.Push(new string(part));
                if (scanner.Stopped)
                    break;
            }
            if (!scanner.Stopped)
                written += scanner.Flush();
            // A longer one that begins earlier is noticed only when it is complete: by then a shorter one may have ended the text.
            var ends = strings.Select(stop => (Stop: stop, At: text.IndexOf(stop, StringComparison.Ordinal))).Where(stop => stop.At >= 0).ToList();
            Assert.Equal(ends.Count > 0, scanner.Stopped);
            Assert.StartsWith(written, text, StringComparison.Ordinal);
            Assert.All(strings, stop => Assert.DoesNotContain(stop, written, StringComparison.Ordinal));
            if (ends.Count == 0)
                Assert.Equal(text, written);
            else if (strings.Count == 1)
                Assert.Equal(text[..ends[0].At], written);
        }, iter: 5000, seed: "0000000000000");
}
