using PruneBuild.Compression.Natives;
using PruneBuild.Diagnostics;
using TorchSharp;

namespace PruneBuild.Compression.Tests.Natives;

public sealed class TorchNativesTests
{
    public TorchNativesTests() => TorchNatives.Load(threads: 2);

    [Fact]
    public void Matmul_multiplies()
    {
        using var scope = torch.NewDisposeScope();
        var product = torch.tensor(new[] { 1.0, 2, 3, 4 }, [2, 2]).matmul(torch.tensor(new[] { 5.0, 6, 7, 8 }, [2, 2]));
        Assert.Equal([19.0, 22, 43, 50], product.data<double>().ToArray());
    }

    [Fact]
    public void Cholesky_factor_times_its_transpose_is_the_matrix()
    {
        using var scope = torch.NewDisposeScope();
        var matrix = torch.tensor(new[] { 4.0, 2, 2, 3 }, [2, 2]);
        var factor = torch.linalg.cholesky(matrix);
        Assert.True(torch.allclose(factor.matmul(factor.T), matrix));
    }

    [Fact]
    public void Solve_and_least_squares_agree_on_a_square_system()
    {
        using var scope = torch.NewDisposeScope();
        var matrix = torch.tensor(new[] { 4.0, 1, 1, 3 }, [2, 2]);
        var right = torch.tensor(new[] { 1.0, 2 }, [2, 1]);
        var solved = torch.linalg.solve(matrix, right);
        Assert.True(torch.allclose(matrix.matmul(solved), right));
        Assert.True(torch.allclose(torch.linalg.lstsq(matrix, right).Solution, solved));
    }

    [Fact]
    public void Nothing_was_copied_beside_the_TorchSharp_assembly() =>
        Assert.False(Directory.Exists(Path.Combine(Path.GetDirectoryName(typeof(torch).Assembly.Location)!, "cpu")));

    [Fact]
    public void A_missing_library_is_a_coded_error()
    {
        var error = Assert.Throws<PruneBuildException>(() => TorchNatives.LoadLibrary("/nowhere/libc10.so"));
        Assert.Equal("PB0013", error.Code);
    }

    [Fact]
    public void A_file_that_is_no_library_is_a_coded_error()
    {
        var path = Path.GetTempFileName();
        try
        {
            Assert.Equal("PB0013", Assert.Throws<PruneBuildException>(() => TorchNatives.LoadLibrary(path)).Code);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_host_without_tool_packs_is_a_coded_error() =>
        Assert.Equal("PB0002", Assert.Throws<PruneBuildException>(() => HostNatives.FromPackages("/p", "linux-riscv64")).Code);
}
