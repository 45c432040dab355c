using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>
/// The header of a NumPy file (format versions 1 to 3): a dictionary of three keys as text. It is matched, never evaluated; pickled objects,
/// big-endian numbers and Fortran order are refused.
/// </summary>
/// <param name="Descriptor">Type of a number: <c>|u1</c>, <c>&lt;f4</c>, <c>&lt;f8</c>, <c>&lt;i4</c> or <c>&lt;i8</c>.</param>
/// <param name="Shape">Dimensions, all at least 0; empty for a single number.</param>
/// <param name="DataOffset">Byte at which the numbers start.</param>
internal sealed partial record NpyHeader(string Descriptor, IReadOnlyList<int> Shape, int DataOffset)
{
    private const int MaxHeaderBytes = 64 * 1024;
    private static readonly byte[] Magic = [0x93, .. "NUMPY"u8];

    /// <summary>Bytes of one number.</summary>
    public int ElementSize => Descriptor[^1] - '0';

    /// <summary>Reads the header; the stream then stands at the numbers.</summary>
    /// <exception cref="PruneBuildException">PB1064 when it is no such file.</exception>
    public static NpyHeader Read(Stream stream, string file)
    {
        PruneBuildException Unusable(string reason) => new SourceLocation(file, 0, 0).Error("PB1064", Path.GetFileName(file), reason);

        var start = new byte[12];
        if (stream.ReadAtLeast(start.AsSpan(0, 10), 10, throwOnEndOfStream: false) < 10 || !start.AsSpan(0, Magic.Length).SequenceEqual(Magic))
            throw Unusable("it does not start as a NumPy file");
        var version = start[6];
        if (version is < 1 or > 3) throw Unusable($"format version {version} is unknown");
        long length = BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(8));
        var offset = 10;
        if (version > 1)
        {
            if (stream.ReadAtLeast(start.AsSpan(10, 2), 2, throwOnEndOfStream: false) < 2) throw Unusable("it ends in its header");
            (length, offset) = (BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(8)), 12);
        }
        if (length > MaxHeaderBytes) throw Unusable($"its header has {length} bytes, more than {MaxHeaderBytes}");
        var bytes = new byte[length];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw Unusable("it ends in its header");
        var match = Dictionary().Match(Encoding.Latin1.GetString(bytes));
        if (!match.Success) throw Unusable("its header is not that of an array of |u1, <f4, <f8, <i4 or <i8 in C order");

        var shape = new List<int>();
        foreach (var part in match.Groups["shape"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var dimension)) throw Unusable($"its shape has the dimension {part}");
            shape.Add(dimension);
        }
        return new NpyHeader(match.Groups["descr"].Value, shape, offset + (int)length);
    }

    // NumPy sorts the keys.
    [GeneratedRegex(
        @"^\{\s*'descr':\s*'(?<descr>\|u1|<f4|<f8|<i4|<i8)',\s*'fortran_order':\s*False,\s*'shape':\s*\((?<shape>[0-9, ]*)\),?\s*\}\s*$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Dictionary();
}
