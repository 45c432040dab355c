using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PruneBuild.Graph;

/// <summary>Transposes a stored matrix on its way from or to a file, band by band: memory holds the matrix once.</summary>
internal static class Transposition
{
    private const int BandBytes = 1 << 22;

    /// <summary>Reads a stored [rows, columns] as [columns, rows].</summary>
    public static T[] Read<T>(WeightTensor stored, int rows, int columns) where T : unmanaged
    {
        var result = LargeArray.Allocate<T>((long)rows * columns);
        var bandRows = BandRows<T>(rows, columns);
        var band = new T[(long)bandRows * columns];
        for (var row = 0; row < rows; row += bandRows)
        {
            var count = Math.Min(bandRows, rows - row);
            stored.Fill((long)row * columns * Unsafe.SizeOf<T>(), band.AsSpan(0, count * columns));
            Tile<T>(band, columns, result.AsSpan(row), rows, count, columns);
        }
        return result;
    }

    /// <summary>Writes [rows, columns] as [columns, rows].</summary>
    public static void Write(ReadOnlySpan<float> matrix, int rows, int columns, Stream destination)
    {
        var bandRows = BandRows<float>(columns, rows);
        var band = new float[(long)bandRows * rows];
        for (var column = 0; column < columns; column += bandRows)
        {
            var count = Math.Min(bandRows, columns - column);
            Tile(matrix[column..], columns, band, rows, rows, count);
            destination.Write(MemoryMarshal.AsBytes(band.AsSpan(0, count * rows)));
        }
    }

    private static int BandRows<T>(int rows, int columns) =>
        Math.Clamp(BandBytes / (int)Math.Min(int.MaxValue, (long)columns * Unsafe.SizeOf<T>()), 1, rows);

    /// <summary>destination[column, row] = source[row, column], in tiles that stay in the cache; strides in elements.</summary>
    private static void Tile<T>(ReadOnlySpan<T> source, int sourceStride, Span<T> destination, int destinationStride, int rows, int columns)
    {
        const int tile = 32;
        for (var row0 = 0; row0 < rows; row0 += tile)
            for (var column0 = 0; column0 < columns; column0 += tile)
                for (var column = column0; column < Math.Min(columns, column0 + tile); column++)
                    for (var row = row0; row < Math.Min(rows, row0 + tile); row++)
                        destination[column * destinationStride + row] = source[row * sourceStride + column];
    }
}
