namespace PruneBuild.Runtime;

/// <summary>Packed weights of one format as those of another: a downloaded bitmap becomes what a kernel reads.</summary>
public static class PackedConversion
{
    /// <summary>Unpacks and packs again. Integers stay the same integers with the same scales where the target is int8.</summary>
    /// <param name="blob">A packed blob.</param>
    /// <param name="format">The name of the target format.</param>
    /// <exception cref="InvalidDataException">The blob is not valid.</exception>
    /// <exception cref="ArgumentException">No format has that name, or it cannot hold these weights.</exception>
    public static byte[] To(ReadOnlySpan<byte> blob, string format)
    {
        var target = PackedFormats.Find(format) ?? throw new ArgumentException($"No packed format is named '{format}'.", nameof(format));
        var source = PackedWeights.Read(blob).Format;
        if (source == target)
        {
            PackedWeights.Validate(blob);
            return blob.ToArray();
        }

        var weights = source.Unpack(blob);
        var isInt8 = source.Precision == WeightPrecision.EightBit && target.Precision == WeightPrecision.EightBit;
        return target.Pack(isInt8
            ? WeightMatrix.FromInt8([.. weights.Integers!.Select(weight => (sbyte)weight)], weights.Scales!, weights.Outputs, weights.Inputs)
            : WeightMatrix.FromSingles(weights.ToSingles(), weights.Outputs, weights.Inputs));
    }
}
