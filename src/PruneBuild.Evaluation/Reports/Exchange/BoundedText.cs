using System.Text;

namespace PruneBuild.Evaluation.Reports;

/// <summary>Text that grows up to a number of bytes and then ends with a note, at a place where nothing is cut in two.</summary>
/// <param name="mostBytes">The most bytes of UTF-8, the note included.</param>
/// <param name="note">What is said instead of the rest.</param>
internal sealed class BoundedText(int mostBytes, string note)
{
    private readonly StringBuilder text = new();
    private int left = mostBytes - Encoding.UTF8.GetByteCount(note);
    private bool isFull;

    /// <summary>Adds a piece, as a whole or not at all.</summary>
    public void Add(string piece)
    {
        if (!Fits(piece, reserved: 0)) return;
        Append(piece);
    }

    /// <summary>Adds a beginning, as many of the lines as there is room for, and the end that belongs to the beginning.</summary>
    public void AddBlock(string beginning, IEnumerable<string> lines, string end)
    {
        var reserved = Encoding.UTF8.GetByteCount(end);
        if (!Fits(beginning, reserved)) return;
        Append(beginning);
        foreach (var line in lines)
        {
            if (!Fits(line, reserved)) break;
            Append(line);
        }
        Append(end);
    }

    /// <inheritdoc/>
    public override string ToString() => isFull ? text + note : text.ToString();

    // What came after the first piece that was too long would read as if nothing were missing.
    private bool Fits(string piece, int reserved)
    {
        isFull |= Encoding.UTF8.GetByteCount(piece) + reserved > left;
        return !isFull;
    }

    private void Append(string piece)
    {
        text.Append(piece);
        left -= Encoding.UTF8.GetByteCount(piece);
    }
}
