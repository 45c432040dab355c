using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>32 bytes in two 128-bit registers; what the portable and the arm64 tiers share.</summary>
internal unsafe struct BytePair(Vector128<byte> low, Vector128<byte> high)
{
    public Vector128<byte> Low = low;
    public Vector128<byte> High = high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair Load(void* bytes) => new(Vector128.Load((byte*)bytes), Vector128.Load((byte*)bytes + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair Both(Vector128<byte> half) => new(half, half);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair And(BytePair bytes, byte mask) => new(bytes.Low & Vector128.Create(mask), bytes.High & Vector128.Create(mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair Or(BytePair bytes, ulong pattern)
    {
        var mask = Vector128.Create(pattern).AsByte();
        return new(bytes.Low | mask, bytes.High | mask);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair ShiftRight(BytePair bytes, int bits) =>
        new(Vector128.ShiftRightLogical(bytes.Low.AsUInt16(), bits).AsByte(), Vector128.ShiftRightLogical(bytes.High.AsUInt16(), bits).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BytePair Int4(BytePair nibbles) => new(nibbles.Low - Vector128.Create((byte)8), nibbles.High - Vector128.Create((byte)8));
}
