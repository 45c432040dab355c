using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace PruneBuild.Evaluation.Performance;

/// <summary>Names measured numbers by what they are.</summary>
internal static class MeasuredNumbers
{
    /// <summary>32 hexadecimal digits.</summary>
    public static string Hash(double[] parent, double[] candidate) =>
        Convert.ToHexStringLower(SHA256.HashData([.. MemoryMarshal.AsBytes(parent.AsSpan()), .. MemoryMarshal.AsBytes(candidate.AsSpan())]))[..32];
}
