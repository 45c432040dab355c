namespace PruneBuild.Graph;

/// <summary>One field of a protobuf message on the wire.</summary>
/// <param name="Number">Field number.</param>
/// <param name="WireType">0 varint, 1 fixed64, 2 length-delimited, 5 fixed32.</param>
/// <param name="Start">Where the tag starts.</param>
/// <param name="PayloadStart">Where the value starts.</param>
/// <param name="End">One past the value.</param>
internal readonly record struct WireField(int Number, int WireType, int Start, int PayloadStart, int End);

/// <summary>
/// Walks the fields of one protobuf message without copying payloads, so that a model's weights can stay in the mapped file.
/// Wire format: Protocol Buffers encoding specification.
/// </summary>
internal ref struct ProtobufScanner(ReadOnlySpan<byte> buffer, int start, int end)
{
    private readonly ReadOnlySpan<byte> buffer = buffer;
    private readonly int end = end;
    private int position = start;

    /// <exception cref="InvalidDataException">The bytes are not a protobuf message.</exception>
    public bool TryRead(out WireField field)
    {
        field = default;
        if (position >= end)
            return false;
        var tagStart = position;
        var tag = Varint();
        var (number, wireType) = (tag >> 3, (int)(tag & 7));
        if (number is 0 or > 536870911)
            throw Malformed();
        var payload = position;
        switch (wireType)
        {
            case 0: Varint(); break;
            case 1: Skip(8); break;
            case 2:
                var length = Varint();
                payload = position;
                Skip(length);
                break;
            case 5: Skip(4); break;
            default: throw Malformed();
        }
        field = new WireField((int)number, wireType, tagStart, payload, position);
        return true;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (position >= end)
                throw Malformed();
            var current = buffer[position++];
            value |= (ulong)(current & 0x7F) << shift;
            if (current < 0x80)
                return value;
        }
        throw Malformed();
    }

    private void Skip(ulong count)
    {
        if (count > (ulong)(end - position))
            throw Malformed();
        position += (int)count;
    }

    private static InvalidDataException Malformed() => new("the bytes are not a protobuf message, or the file is cut short");
}
