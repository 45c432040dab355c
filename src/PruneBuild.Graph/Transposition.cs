using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PruneBuild.Graph;

/// <summary>
/// Transposes the matrices of a stored stack on their way from or to a file, band by band: memory holds the stack once.
/// </summary>
internal static class Transposition
{
    private const int BandBytes = 1 << 22;

    /// <summary>Whether matrices of a size look the same as their transposes.</summary>
    public static bool IsIdentity(int rows, int columns) => rows == 1 || columns == 1;

    /// <summary>Reads a stored [count, rows, columns] as [count, columns, rows].</summary>
    public static T[] Read<T>(WeightTensor stored, int count, int rows, int columns) where T : unmanaged
    {
        if (IsIdentity(rows, columns))
            return stored.Read<T>();
        var total = count * rows;
        var result = LargeArray.Allocate<T>((long)total * columns);
        var bandRows = BandRows<T>(total, columns);
        var band = new T[(long)bandRows * columns];
        for (var first = 0; first < total; first += bandRows)
        {
            var filled = Math.Min(bandRows, total - first);
            stored.Fill((long)first * columns * Unsafe.SizeOf<T>(), band.AsSpan(0, filled * columns));
            foreach (var (place, matrix, row, taken) in Cut(first, filled, rows))
                Tile<T>(band.AsSpan(place * columns), columns, result.AsSpan((matrix * rows * columns) + row), rows, taken, columns);
        }
        return result;
    }

    /// <summary>Writes [count, rows, columns] as [count, columns, rows].</summary>
    public static void Write(ReadOnlySpan<float> stack, int count, int rows, int columns, Stream destination)
    {
        var total = count * columns;
        var bandRows = BandRows<float>(total, rows);
        var band = new float[(long)bandRows * rows];
        for (var first = 0; first < total; first += bandRows)
        {
            var filled = Math.Min(bandRows, total - first);
            foreach (var (place, matrix, column, taken) in Cut(first, filled, columns))
                Tile(stack[((matrix * rows * columns) + column)..], columns, band.AsSpan(place * rows), rows, rows, taken);
            destination.Write(MemoryMarshal.AsBytes(band.AsSpan(0, filled * rows)));
        }
    }

    /// <summary>Cuts a band of stored rows where a matrix of the stack ends: place in the band, matrix, first row in it, rows.</summary>
    private static IEnumerable<(int Place, int Matrix, int Row, int Rows)> Cut(int first, int count, int matrixRows)
    {
        for (var place = 0; place < count;)
        {
            var (matrix, row) = Math.DivRem(first + place, matrixRows);
            var rows = Math.Min(matrixRows - row, count - place);
            yield return (place, matrix, row, rows);
            place += rows;
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
