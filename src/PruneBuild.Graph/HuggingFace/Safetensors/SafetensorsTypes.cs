using System.Runtime.InteropServices;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>The element types of the safetensors format, and those among them that are read as float.</summary>
internal static class SafetensorsTypes
{
    private static readonly Dictionary<string, int> Bits = new(StringComparer.Ordinal)
    {
        ["BOOL"] = 8, ["U8"] = 8, ["I8"] = 8, ["F8_E5M2"] = 8, ["F8_E4M3"] = 8, ["F8_E8M0"] = 8, ["F4"] = 4,
        ["I16"] = 16, ["U16"] = 16, ["F16"] = 16, ["BF16"] = 16, ["I32"] = 32, ["U32"] = 32, ["F32"] = 32,
        ["F64"] = 64, ["I64"] = 64, ["U64"] = 64, ["C64"] = 64,
    };

    /// <summary>Bits of an element, or null for a type that the format does not know.</summary>
    public static int? BitsOf(string type) => Bits.TryGetValue(type, out var bits) ? bits : null;

    /// <summary>Whether weights of the type can be imported.</summary>
    public static bool IsFloat(string type) => type is "F32" or "F16" or "BF16";

    /// <summary>Bytes of an element of a type that is read as float.</summary>
    public static int BytesOf(string type) => type == "F32" ? sizeof(float) : sizeof(ushort);

    /// <summary>Converts little-endian elements; exact for all three types.</summary>
    public static void ToSingles(string type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case "F32":
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case "F16":
                var halves = MemoryMarshal.Cast<byte, Half>(source);
                for (var index = 0; index < destination.Length; index++)
                    destination[index] = (float)halves[index];
                break;
            case "BF16":
                var words = MemoryMarshal.Cast<byte, ushort>(source);
                for (var index = 0; index < destination.Length; index++)
                    destination[index] = BitConverter.UInt32BitsToSingle((uint)words[index] << 16);
                break;
            default:
                throw new InvalidOperationException($"'{type}' is not read as float.");
        }
    }
}
