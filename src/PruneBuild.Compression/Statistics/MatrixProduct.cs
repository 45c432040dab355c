using System.Numerics.Tensors;

namespace PruneBuild.Compression.Statistics;

/// <summary>Products of dense matrices. Every element is one sum in one order, so the result does not depend on threads.</summary>
internal static class MatrixProduct
{
    /// <summary>A Bᵀ.</summary>
    /// <param name="left">A, [rows, inner] row-major.</param>
    /// <param name="right">B, [columns, inner] row-major.</param>
    /// <param name="inner">Their common size.</param>
    /// <returns>[rows, columns] row-major.</returns>
    public static double[] Transposed(double[] left, double[] right, int inner)
    {
        var (rows, columns) = (left.Length / inner, right.Length / inner);
        var product = new double[(long)rows * columns];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                product[((long)row * columns) + column] = TensorPrimitives.Dot(left.AsSpan(row * inner, inner), right.AsSpan(column * inner, inner));
        return product;
    }
}
