using System.Runtime.InteropServices;

namespace PruneBuild.Targeting.Calibration;

/// <summary>The caches that <c>GetLogicalProcessorInformationEx</c> lists.</summary>
internal static class WindowsCaches
{
    private const int RelationCache = 2;
    private const int SizeOffset = 4;
    private const int LevelOffset = 8;
    private const int CacheSizeOffset = 12;

    /// <summary>Bytes of the cache of the highest level, or null when the call fails.</summary>
    public static long? Largest()
    {
        uint length = 0;
        GetLogicalProcessorInformationEx(RelationCache, [], ref length);
        var records = new byte[length];
        if (length == 0 || !GetLogicalProcessorInformationEx(RelationCache, records, ref length))
            return null;
        (byte Level, long Bytes) last = default;
        for (var at = 0; at + CacheSizeOffset + sizeof(uint) <= records.Length; at += BitConverter.ToInt32(records, at + SizeOffset))
        {
            var level = records[at + LevelOffset];
            if (level >= last.Level)
                last = (level, BitConverter.ToUInt32(records, at + CacheSizeOffset));
        }

        return last.Bytes > 0 ? last.Bytes : null;
    }

    [DllImport("kernel32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetLogicalProcessorInformationEx(int relationship, [Out] byte[] buffer, ref uint returnedLength);
}
