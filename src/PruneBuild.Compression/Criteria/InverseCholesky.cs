using System.Numerics;
using System.Runtime.CompilerServices;
using PruneBuild.Compression.Natives;
using PruneBuild.Compression.Training;
using TorchSharp;

namespace PruneBuild.Compression.Criteria;

/// <summary>
/// The upper triangle U with H⁻¹ = Uᵀ U. U_ii² is the first diagonal element of the inverse of H without its first i rows and
/// columns, so U holds all that eliminating columns from left to right needs (Frantar and Alistarh 2023, "SparseGPT", section
/// 3.3). With the order of the inputs reversed, U is the inverse of H's lower Cholesky factor: one factorization, one triangular
/// inverse, and H⁻¹ itself is never formed. One libtorch thread an operation: the same bits on any number of cores.
/// </summary>
public static class InverseCholesky
{
    private const int Attempts = 4;
    private const int SmallestBlock = 128;

    /// <summary>Factors a Hessian.</summary>
    /// <param name="hessian">H, symmetric [K, K].</param>
    /// <param name="inputs">K.</param>
    /// <param name="damping">What is added to the diagonal, as a fraction of its mean; ten times more after each failure.</param>
    /// <typeparam name="T">double, or float for half the time and memory: enough for H with a hundredth of damping.</typeparam>
    /// <returns>U, [K, K] row-major with zeros below the diagonal; null when H is not positive definite even with strong damping.</returns>
    /// <exception cref="Diagnostics.PruneBuildException">PB0012, PB0013: libtorch does not load.</exception>
    public static T[]? Factor<T>(double[] hessian, int inputs, double damping) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!Array.TrueForAll(hessian, double.IsFinite))
            return null;
        TorchNatives.Load();
        return Compute<T>(hessian, inputs, damping);
    }

    // Apart, so that nothing of torch is touched before its libraries are loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T[]? Compute<T>(double[] hessian, int inputs, double damping) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var single = new SingleTorchThread();
        using var quiet = torch.no_grad();
        using var lower = Lower(hessian, inputs, damping, typeof(T) == typeof(float) ? torch.float32 : torch.float64);
        if (lower is null)
            return null;
        Invert(lower);
        // Reversing all elements reverses rows and columns at once.
        var factor = lower.data<T>().ToArray();
        Array.Reverse(factor);
        return Array.TrueForAll(factor, T.IsFinite) ? factor : null;
    }

    /// <summary>Cholesky factor of the reversed and damped H, row-major.</summary>
    private static torch.Tensor? Lower(double[] hessian, int inputs, double damping, torch.ScalarType type)
    {
        var mean = Enumerable.Range(0, inputs).Average(input => hessian[((long)input * inputs) + input]);
        if (!(mean > 0))
            return null;
        using var reversed = Reversed(hessian, inputs, type);
        for (var attempt = 0; attempt < Attempts; attempt++, damping *= 10)
        {
            using (Scalar added = mean * damping)
            using (var diagonal = reversed.diagonal())
                diagonal.add_(added, Scalars.OfInteger(1));
            var (lower, info) = torch.linalg.cholesky_ex(reversed);
            using (info)
            using (lower)
                if (info.item<int>() == 0)
                    return lower.contiguous();
        }
        return null;
    }

    private static torch.Tensor Reversed(double[] hessian, int inputs, torch.ScalarType type)
    {
        using var straight = torch.tensor(hessian, [inputs, inputs], type);
        return straight.flip(0, 1);
    }

    /// <summary>
    /// Inverts a lower triangle in place, half after half: of [A 0; C D] it is [A⁻¹ 0; −D⁻¹ C A⁻¹ D⁻¹]. A third of what solving
    /// against the identity costs, in matrix products.
    /// </summary>
    private static void Invert(torch.Tensor lower)
    {
        var size = lower.shape[0];
        using var scope = torch.NewDisposeScope();
        if (size <= SmallestBlock)
        {
            lower.copy_(torch.linalg.solve_triangular(lower, torch.eye(size, dtype: lower.dtype), upper: false));
            return;
        }
        var half = size / 2;
        var (a, d) = (lower.narrow(0, 0, half).narrow(1, 0, half), lower.narrow(0, half, size - half).narrow(1, half, size - half));
        var c = lower.narrow(0, half, size - half).narrow(1, 0, half);
        Invert(a);
        Invert(d);
        c.copy_(d.matmul(c).matmul(a).neg_());
    }
}
